/**
 * The short form of a delta, from version 2 of the wire: one character that is the text's number, then the text. It says
 * that the text goes on where it ended; the number was given with the text's first piece, or with the state. What an agent
 * says comes in pieces of some twenty letters, so that anything longer around them would cost more than they do.
 *
 * The character is one byte for the first 91 numbers and two for the next 1,829. None of them is `{`, with which every other
 * message begins.
 */

/** Numbers are below this. */
export const LIVE_NUMBERS = 50_000

const ONE_BYTE = 91
const FIRST = 0x20
const SECOND = 0x80

/** A delta's frame; undefined for a text that UTF-8 cannot carry (half of a surrogate pair), which goes the long way. */
export function deltaFrame(n: number, text: string): string | undefined {
  if (!text.isWellFormed()) return undefined
  return String.fromCodePoint(n < ONE_BYTE ? FIRST + n : SECOND + n - ONE_BYTE) + text
}

/** What a frame says if it is a delta; undefined for every other message. */
export function readDelta(frame: string): { readonly n: number; readonly text: string } | undefined {
  const code = frame.codePointAt(0) ?? 0
  const isShort = code >= FIRST && code < FIRST + ONE_BYTE
  if (!isShort && (code < SECOND || code >= SECOND + LIVE_NUMBERS - ONE_BYTE)) return undefined
  return { n: isShort ? code - FIRST : code - SECOND + ONE_BYTE, text: frame.slice(1) }
}
