/** One thing a script message says or does, in order. */
export type Step =
  | { readonly kind: 'say'; readonly text: string }
  | { readonly kind: 'think'; readonly text: string }
  | { readonly kind: 'run'; readonly command: string; readonly goOn: boolean }
  | { readonly kind: 'write'; readonly path: string; readonly text: string }
  | {
      readonly kind: 'edit'
      readonly path: string
      readonly changes: readonly { readonly find: string; readonly replace: string }[]
    }
  | { readonly kind: 'read'; readonly path: string }
  | {
      readonly kind: 'plan'
      readonly entries: readonly { readonly text: string; readonly status: 'pending' | 'in_progress' | 'completed' }[]
    }
  | { readonly kind: 'wrong'; readonly text: string }

const opening = /^(`{3,}|~{3,})\s*(\S*)\s*(.*)$/

/** Reads a message: fenced blocks become steps, the text between them is said. Other fences are said as they are. */
export function parseSteps(message: string): Step[] {
  const steps: Step[] = []
  const said: string[] = []
  const flush = (): void => {
    const text = said.join('\n').trim()
    if (text !== '') steps.push({ kind: 'say', text })
    said.length = 0
  }
  const lines = message.replace(/\r\n/g, '\n').split('\n')
  for (let i = 0; i < lines.length; i += 1) {
    const line = lines[i] ?? ''
    const fence = opening.exec(line)
    if (!fence) {
      said.push(line)
      continue
    }
    const [, mark = '```', language = '', info = ''] = fence
    const end = lines.findIndex((one, at) => at > i && isClosing(one, mark))
    const body = lines.slice(i + 1, end < 0 ? lines.length : end)
    const step = stepOf(language.toLowerCase(), info, body)
    if (step && end < 0) {
      flush()
      steps.push({ kind: 'wrong', text: `The block "${line.trim()}" is not closed, so it was not run.` })
    } else if (step) {
      flush()
      steps.push(step)
    } else said.push(line, ...body, ...(end < 0 ? [] : [lines[end] ?? '']))
    i = end < 0 ? lines.length : end
  }
  flush()
  return steps
}

function isClosing(line: string, mark: string): boolean {
  const trimmed = line.trim()
  return trimmed.length >= mark.length && [...trimmed].every((letter) => letter === mark[0])
}

function stepOf(language: string, info: string, body: readonly string[]): Step | undefined {
  const text = body.join('\n')
  if (['sh', 'bash', 'shell', 'console'].includes(language))
    return { kind: 'run', command: text, goOn: /\bcontinue\b/.test(info) }
  if (language === 'think') return { kind: 'think', text }
  if (language === 'plan') return { kind: 'plan', entries: body.flatMap(planEntry) }
  if (language !== 'file' && language !== 'edit' && language !== 'read') return undefined
  const path = /\bpath=(?:"([^"]+)"|(\S+))/.exec(info)
  const name = path?.[1] ?? path?.[2]
  if (!name) return { kind: 'wrong', text: `A ${language} block needs a path, as in \`\`\`${language} path=src/a.ts.` }
  if (language === 'read') return { kind: 'read', path: name }
  if (language === 'file') return { kind: 'write', path: name, text: text === '' ? '' : `${text}\n` }
  const changes = editChanges(body)
  return changes.length > 0
    ? { kind: 'edit', path: name, changes }
    : { kind: 'wrong', text: `The edit block of ${name} has no "<<<<<<< find", "=======", ">>>>>>> replace".` }
}

function planEntry(line: string): { text: string; status: 'pending' | 'in_progress' | 'completed' }[] {
  const entry = /^\s*[-*]\s*(?:\[([ x~])\]\s*)?(.+)$/.exec(line)
  if (!entry?.[2]) return []
  return [
    { text: entry[2].trim(), status: entry[1] === 'x' ? 'completed' : entry[1] === '~' ? 'in_progress' : 'pending' },
  ]
}

function editChanges(body: readonly string[]): { find: string; replace: string }[] {
  const changes: { find: string; replace: string }[] = []
  let find: string[] | undefined
  let replace: string[] | undefined
  for (const line of body) {
    if (/^<{7}/.test(line)) find = []
    else if (/^={7}/.test(line) && find) replace = []
    else if (/^>{7}/.test(line) && find && replace) {
      changes.push({ find: find.join('\n'), replace: replace.join('\n') })
      find = replace = undefined
    } else (replace ?? find)?.push(line)
  }
  return changes
}
