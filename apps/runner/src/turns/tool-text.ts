import { LIMITS } from '@coppice/events'

/** A text with its middle left out where it is long. */
export type Cut = { readonly text: string; readonly omitted: number }

/** Control characters cost six bytes each in an event and show nothing; tab, line ends and ESC (colours) stay. */
function shown(text: string): string {
  return text.replace(/\p{Cc}/gu, (letter) => ('\t\n\r\u001b'.includes(letter) ? letter : '\ufffd'))
}

/** What a text takes up in an event, bytes: quotes and line ends are escaped, and not all letters are one byte. */
export function eventBytes(text: string): number {
  return Buffer.byteLength(JSON.stringify(text)) - 2
}

/** Events are limited in bytes, these texts in UTF-16 units: one of wide letters is cut at twice as many bytes. */
const bytesEach = 2

/** How many units of the beginning of a text fit. */
function fitting(text: string, most: number): number {
  if (text.length <= most && eventBytes(text) <= most * bytesEach) return text.length
  let room = most * bytesEach
  let units = 0
  for (const letter of text) {
    room -= eventBytes(letter)
    if (room < 0 || units + letter.length > most) break
    units += letter.length
  }
  return units
}

/** Keeps beginning and end of a tool's output. */
export function cutOutput(output: string, most: number = LIMITS.toolOutputChars): Cut {
  const text = shown(output)
  if (fitting(text, most) === text.length) return { text, omitted: 0 }
  const half = Math.floor(most / 2)
  const start = text.slice(0, fitting(text, half))
  // The end is measured from the end.
  const backwards = Array.from(text.slice(-half)).toReversed().join('')
  const end = text.slice(text.length - fitting(backwards, half))
  return { text: `${start}\n…\n${end}`, omitted: text.length - start.length - end.length }
}

/** Cuts at the end, with a mark. */
export function cutEnd(text: string, most: number): string {
  const plain = shown(text)
  return fitting(plain, most) === plain.length ? plain : `${plain.slice(0, fitting(plain, most - 1))}…`
}
