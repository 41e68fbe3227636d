import { spotsIn, textOf, textsIn } from './part.ts'
import type { Phrase, SearchQuery } from './query.ts'

/** The lines of a part for a word, or for all words that begin so. */
export type LinesFor = (word: string, prefix: boolean) => readonly string[]

/** Numbers of the texts of a part that fit, rising: the same answer as `matches` gives for each text. */
export function textsThatFit(query: SearchQuery, linesFor: LinesFor): readonly number[] {
  let fit: readonly number[] | undefined
  for (const phrase of query) {
    if (phrase.without) continue
    const texts = textsWith(phrase, linesFor)
    fit = fit ? both(fit, texts) : texts
    if (fit.length === 0) return fit
  }
  for (const phrase of query) {
    if (!phrase.without || !fit) continue
    const unwanted = new Set(textsWith(phrase, linesFor))
    fit = fit.filter((text) => !unwanted.has(text))
  }
  return fit ?? []
}

function textsWith({ words, prefix }: Phrase, linesFor: LinesFor): readonly number[] {
  const [first = ''] = words
  if (words.length === 1) return united(linesFor(first, prefix).map(textsIn))
  /** Where the phrase would begin, by the words so far. */
  let begins: readonly number[] | undefined
  for (const [offset, word] of words.entries()) {
    const lines = linesFor(word, prefix && offset === words.length - 1)
    const spots = united(lines.map((line) => spotsIn(line).map((spot) => spot - offset)))
    begins = begins ? both(begins, spots) : spots
    if (begins.length === 0) return []
  }
  return united([(begins ?? []).map(textOf)])
}

/** Numbers that are in any of the lists, rising, each once. */
function united(lists: readonly (readonly number[])[]): readonly number[] {
  const [only] = lists
  const all = lists.length === 1 && only ? only : lists.flat().toSorted((a, b) => a - b)
  return all.filter((number, index) => number !== all[index - 1])
}

/** Numbers that are in both of two rising lists. */
function both(a: readonly number[], b: readonly number[]): readonly number[] {
  const found: number[] = []
  let at = 0
  for (const number of a) {
    while (at < b.length && (b[at] ?? 0) < number) at += 1
    if (b[at] === number) found.push(number)
  }
  return found
}
