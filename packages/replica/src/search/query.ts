import { wordsOf, type Word } from './words.ts'

/** Words that must stand side by side, in order; one word is a phrase of one. */
export interface Phrase {
  readonly words: readonly string[]
  /** The last word may go on: `tok*`, and the word that is being typed. */
  readonly prefix: boolean
  /** Texts with it are left out: `-word`. */
  readonly without: boolean
}

/** What was typed: a text fits if all phrases fit. Empty if there is nothing to look for. */
export type SearchQuery = readonly Phrase[]

/** So many phrases of a query count; what follows is not looked at. */
const MOST_PHRASES = 16

/**
 * Reads what a person typed: words, `"a phrase"`, `begin*`, `-without`. A word that is typed together of several
 * (`src/hooks`) is a phrase. The last word counts as begun while nothing follows it, so that results come while typing.
 */
export function parseQuery(text: string): SearchQuery {
  const phrases: Phrase[] = []
  const part = /(-?)(?:"([^"]*)("?)|([^\s"]+))/g
  for (let match = part.exec(text); match && phrases.length < MOST_PHRASES; match = part.exec(text)) {
    const [, minus, quoted, closed, bare] = match
    const source = quoted ?? bare ?? ''
    const words = wordsOf(source).map(({ word }) => word)
    if (words.length === 0) continue
    const last = part.lastIndex === text.length
    const prefix = bare === undefined ? closed === '' : bare.endsWith('*') || (last && /[\p{L}\p{N}\p{M}]$/u.test(bare))
    phrases.push({ words, prefix, without: minus === '-' })
  }
  return phrases.some((phrase) => !phrase.without) ? phrases : []
}

/** Where a phrase begins in a text's words. */
function placesOf(phrase: Phrase, words: readonly Word[]): readonly number[] {
  const last = phrase.words.length - 1
  const fits = (at: number): boolean =>
    phrase.words.every((wanted, offset) => {
      const found = words[at + offset]?.word
      return found !== undefined && (offset === last && phrase.prefix ? found.startsWith(wanted) : found === wanted)
    })
  return words.flatMap((_, at) => (fits(at) ? [at] : []))
}

/** Whether a text fits: the same answer as the index gives, for texts that are not in it. */
export function matches(query: SearchQuery, text: string): boolean {
  const words = wordsOf(text)
  return query.length > 0 && query.every((phrase) => placesOf(phrase, words).length > 0 !== phrase.without)
}

/** Ranges of the text to be marked, in order, not overlapping (UTF-16 offsets, end exclusive). */
export function marksOf(query: SearchQuery, text: string): readonly (readonly [start: number, end: number])[] {
  const words = wordsOf(text)
  const marked = new Set<number>()
  for (const phrase of query) {
    if (phrase.without) continue
    for (const at of placesOf(phrase, words)) for (let i = 0; i < phrase.words.length; i += 1) marked.add(at + i)
  }
  return words.flatMap(({ start, end }, index) => (marked.has(index) ? [[start, end] as const] : []))
}
