/** What the head of a command's or skill's file says of it. */
export type Described = { readonly name: string; readonly description: string }

const longest = 200

/** Reads `name` and `description` from the begin of a file; what it does not say is empty. Pure. */
export function described(text: string, form: 'markdown' | 'toml' | 'skill'): Described {
  const cut = ({ name, description }: Described): Described => ({
    name: oneLine(name).slice(0, 80),
    description: oneLine(description).slice(0, longest),
  })
  if (form === 'toml') return cut({ name: '', description: tomlText(text, 'description') })
  const [, head] = /^\uFEFF?---\r?\n([\s\S]*?)\r?\n---/.exec(text) ?? []
  if (head === undefined) return cut({ name: '', description: firstLine(text) })
  const after = text.slice(text.indexOf(head) + head.length).replace(/^\r?\n---/, '')
  return cut({ name: yamlText(head, 'name'), description: yamlText(head, 'description') || firstLine(after) })
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim()

function firstLine(text: string): string {
  const line = text.split('\n').find((one) => one.trim() !== '') ?? ''
  return line.replace(/^#+\s*/, '')
}

/** A text in the head: bare, in quotes, or in the indented lines below. */
function yamlText(head: string, key: string): string {
  const lines = head.split(/\r?\n/)
  const at = lines.findIndex((line) => line.startsWith(`${key}:`))
  if (at < 0) return ''
  const value = (lines[at] ?? '').slice(key.length + 1).trim()
  if (value !== '' && !/^[>|][+-]?$/.test(value)) return unquoted(value)
  const below = lines.slice(at + 1)
  const end = below.findIndex((line) => line.trim() !== '' && !/^\s/.test(line))
  return below.slice(0, end < 0 ? below.length : end).join(' ')
}

function unquoted(value: string): string {
  const quoted = /^"((?:[^"\\]|\\.)*)"|^'((?:[^']|'')*)'/.exec(value)
  if (!quoted) return value.replace(/\s#.*$/, '')
  return quoted[1]?.replace(/\\(.)/g, '$1') ?? quoted[2]?.replaceAll("''", "'") ?? ''
}

function tomlText(text: string, key: string): string {
  const found = new RegExp(`^${key}\\s*=\\s*(?:"""([\\s\\S]*?)"""|'''([\\s\\S]*?)'''|(.*))$`, 'm').exec(text)
  return found?.[1] ?? found?.[2] ?? unquoted(found?.[3]?.trim() ?? '')
}
