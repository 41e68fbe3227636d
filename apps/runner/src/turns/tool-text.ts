import { LIMITS } from '@coppice/events'

/** A text with its middle left out where it is long. */
export type Cut = { readonly text: string; readonly omitted: number }

/** Control characters cost six bytes each in an event and show nothing; tab, line ends and ESC (colours) stay. */
function shown(text: string): string {
  return text.replace(/\p{Cc}/gu, (letter) => ('\t\n\r\u001b'.includes(letter) ? letter : '\ufffd'))
}

/** Keeps beginning and end of a tool's output. */
export function cutOutput(output: string, most: number = LIMITS.toolOutputChars): Cut {
  const text = shown(output)
  if (text.length <= most) return { text, omitted: 0 }
  const half = Math.floor(most / 2)
  return { text: `${text.slice(0, half)}\n…\n${text.slice(-half)}`, omitted: text.length - 2 * half }
}

/** Cuts at the end, with a mark. */
export function cutEnd(text: string, most: number): string {
  const plain = shown(text)
  return plain.length <= most ? plain : `${plain.slice(0, most - 1)}…`
}
