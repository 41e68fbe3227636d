/** A word as the index knows it, and where it stands in the text (UTF-16 offsets, end exclusive). */
export interface Word {
  readonly word: string
  readonly start: number
  readonly end: number
}

/** Longer runs (hashes, encoded data) are known by their beginning. */
const LONGEST_WORD = 64

/** Scripts without spaces between words: each sign is a word, and several in a row are looked for as a phrase. */
const UNSPACED =
  '\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}'
const ANY_WORD = new RegExp(`[${UNSPACED}]\\p{M}*|(?:(?![${UNSPACED}])[\\p{L}\\p{N}\\p{M}])+`, 'gu')
const ASCII_WORD = /[a-z0-9]+/gi
const NOT_ASCII = /[\u0080-\uffff]/
const MARKS = /\p{M}+/gu

/**
 * The words of a text: runs of letters and digits, without case and accents. Everything else separates, so that
 * `src/hooks/route.ts` and `take_token` are found by each of their parts.
 */
export function wordsOf(text: string): readonly Word[] {
  const plain = !NOT_ASCII.test(text)
  const pattern = plain ? ASCII_WORD : ANY_WORD
  const words: Word[] = []
  pattern.lastIndex = 0
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    const word = plain ? match[0].toLowerCase() : folded(match[0])
    if (word !== '') words.push({ word: beginning(word), start: match.index, end: pattern.lastIndex })
  }
  return words
}

/** The same words without their places, in a fraction of the time. */
export function wordsIn(text: string): readonly string[] {
  if (NOT_ASCII.test(text)) return wordsOf(text).map(({ word }) => word)
  return (text.toLowerCase().match(ASCII_WORD) ?? []).map((word) => beginning(word))
}

/** Never half of a surrogate pair: PostgreSQL has no text for that. */
function beginning(word: string): string {
  if (word.length <= LONGEST_WORD) return word
  const half = (word.charCodeAt(LONGEST_WORD - 1) & 0xfc00) === 0xd800
  return word.slice(0, half ? LONGEST_WORD - 1 : LONGEST_WORD)
}

const folded = (word: string): string => word.normalize('NFKD').replace(MARKS, '').toLowerCase().normalize('NFC')
