/** What is being picked: a file after `@`, or a command after a `/` at the begin of the message. */
export interface Token {
  readonly kind: 'file' | 'command'
  /** Where its sign stands, and where the caret is. */
  readonly from: number
  readonly to: number
  /** What was typed after the sign. */
  readonly text: string
}

/** What is in the box after something was picked. */
export interface Picked {
  readonly text: string
  readonly caret: number
}

const LONGEST = 200
const COMMAND = /^\s*\/(\S*)$/
const FILE = /(?:^|[\s([{'`,;:])@(?:"([^"\n]*)|([^\s"@]*))$/

/** What the caret is in, if it is in something that can be picked. Pure. */
export function tokenAt(text: string, caret: number): Token | undefined {
  const before = text.slice(0, caret)
  const command = COMMAND.exec(before)
  if (command) return token('command', before, before.indexOf('/'), command[1] ?? '')
  const file = FILE.exec(before)
  if (!file) return undefined
  return token('file', before, before.indexOf('@', file.index), file[1] ?? file[2] ?? '')
}

function token(kind: Token['kind'], before: string, from: number, text: string): Token | undefined {
  return text.length > LONGEST ? undefined : { kind, from, to: before.length, text }
}

/** How a file is written in a message: in quotes where its path would end early. Pure. */
export function mentionOf(path: string): string {
  return /[\s"'`()[\]{},;]/.test(path) ? `@"${path.replaceAll('"', '\\"')}"` : `@${path}`
}

/** Puts `words` in the token's place, with a space after them. Pure. */
export function put(text: string, { from, to }: Token, words: string): Picked {
  // What the words make whole is not left behind them: the rest of a name, or a closing quote.
  const rest = text.slice(to).replace(text[from + 1] === '"' ? /^[^"\n]*"/ : /^[^\s"'`()[\]{},;]*/, '')
  const before = text.slice(0, from) + words
  return { text: before + (/^\s/.test(rest) ? rest : ` ${rest}`), caret: before.length + 1 }
}
