import { LIMITS } from '@coppice/events'

/** A text with its middle left out where it is long. */
export type Cut = { readonly text: string; readonly omitted: number }

/** Control characters cost six bytes each in an event and show nothing; tab, line ends and ESC (colours) stay. */
const unshown = /[\0-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f]/g

/** Keeps beginning and end of a tool's output. */
export function cutOutput(output: string, most: number = LIMITS.toolOutputChars): Cut {
  const text = output.replace(unshown, '\ufffd')
  if (text.length <= most) return { text, omitted: 0 }
  const half = Math.floor(most / 2)
  return { text: `${text.slice(0, half)}\n…\n${text.slice(-half)}`, omitted: text.length - 2 * half }
}

/** Cuts at the end, with a mark. */
export function cutEnd(text: string, most: number): string {
  const plain = text.replace(unshown, '\ufffd')
  return plain.length <= most ? plain : `${plain.slice(0, most - 1)}…`
}
