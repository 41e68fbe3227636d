import { secretNameSchema } from '@coppice/protocol'

/** A variable of a .env text that can be set. */
export interface EnvEntry {
  readonly name: string
  readonly value: string
}

/** What a .env text holds: what can be set, each name once (the last one counts), and what cannot, by line and reason. */
export interface EnvText {
  readonly entries: readonly EnvEntry[]
  readonly problems: readonly { readonly line: number; readonly why: string }[]
}

const assignment = /^\s*(?:export\s+)?([^\s=]+)\s*=\s*/
const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\' }

/**
 * Reads a .env text: `NAME=value`, `export` before it, comments, values in single or double quotes or backticks over several
 * lines; in double quotes \n, \r, \t, \" and \\ count.
 */
export function readEnvText(text: string): EnvText {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  const entries = new Map<string, string>()
  const problems: { line: number; why: string }[] = []
  for (let at = 0; at < lines.length; at += 1) {
    const line = at + 1
    const row = lines[at] ?? ''
    if (/^\s*(#|$)/.test(row)) continue
    const [head, name] = assignment.exec(row) ?? []
    if (head === undefined || name === undefined) {
      problems.push({ line, why: 'this is no NAME=value' })
      continue
    }
    const read = valueFrom(lines, at, row.slice(head.length))
    at = read.at
    const checked = secretNameSchema.safeParse(name)
    if (read.value === undefined) problems.push({ line, why: `the quote that ${name} begins with has no end` })
    else if (!checked.success)
      problems.push({ line, why: `${name}: ${checked.error.issues[0]?.message ?? 'not a name'}` })
    else if (read.value === '') problems.push({ line, why: `${name} has no value` })
    else {
      entries.delete(name)
      entries.set(name, read.value)
    }
  }
  return { entries: [...entries].map(([name, value]) => ({ name, value })), problems }
}

/** @param at the line it begins on @returns the value, and the line it ends on; no value where a quote has no end */
function valueFrom(lines: readonly string[], at: number, rest: string): { at: number; value: string | undefined } {
  const quote = rest[0] ?? ''
  if (!`'"\``.includes(quote) || quote === '') return { at, value: rest.replace(/\s#.*$/, '').trim() }
  let body = rest.slice(1)
  for (let end = at; end < lines.length; end += 1) {
    if (end > at) body += `\n${lines[end] ?? ''}`
    const close = closing(body, quote)
    if (close >= 0) return { at: end, value: unescaped(body.slice(0, close), quote) }
  }
  return { at, value: undefined }
}

function closing(body: string, quote: string): number {
  for (let i = 0; i < body.length; i += 1) {
    if (quote === '"' && body[i] === '\\') i += 1
    else if (body[i] === quote) return i
  }
  return -1
}

const unescaped = (text: string, quote: string): string =>
  quote === '"' ? text.replace(/\\([nrt"\\])/g, (_all, one: string) => escapes[one] ?? one) : text

/** A .env text with the names and no values: what somebody else has to fill in. */
export const namesAsEnv = (names: readonly string[]): string =>
  `# Fill in the values; Coppice never gives them out.\n${names.map((name) => `${name}=\n`).join('')}`
