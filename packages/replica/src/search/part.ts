import { newestFirst, type Place } from './documents.ts'
import { BETWEEN_LISTS, sumsOf, vlq } from './vlq.ts'
import { wordsIn } from './words.ts'

/**
 * A part of the index: some texts, and where in them each word stands. It never changes once it is made; parts are merged
 * into larger ones (a log-structured merge tree of inverted lists, as Lucene has it).
 */
export interface IndexPart {
  /** Newest first. A text's number in the part is its index here. */
  readonly texts: readonly Place[]
  /** One for each word, in the order of the words (by UTF-16 units): {@link lineOf}. */
  readonly lines: readonly string[]
}

/** Where a word stands, as one number: the text's number times this, and the word's place in the text, from 1. Sorted, they are in order. */
export const PLACES = 2 ** 24

export const textOf = (spot: number): number => Math.floor(spot / PLACES)

/** In the order of signs it stands before all letters and digits: lines are in the order of their words. */
const BETWEEN_FIELDS = ' '

/** How the line of a word begins. */
export const beginOf = (word: string): string => word + BETWEEN_FIELDS

export const wordOf = (line: string): string => line.slice(0, line.indexOf(BETWEEN_FIELDS))

/** The part of some texts; each key once. */
export function partOf(texts: readonly (Place & { readonly text: string })[]): IndexPart {
  const ordered = texts.toSorted(newestFirst)
  const spots = new Spots()
  for (const [number, { text }] of ordered.entries()) {
    let spot = number * PLACES
    for (const word of wordsIn(text)) spots.add(spots.idOf(word), (spot += 1))
  }
  return { texts: ordered.map(({ at, key }) => ({ at, key })), lines: spots.lines() }
}

/** One part with the texts of several, which are given in the order in which they were written: of a text that is in more than one the last counts. */
export function mergedParts(parts: readonly IndexPart[]): IndexPart {
  const last = new Map<string, number>()
  for (const [part, { texts }] of parts.entries()) for (const { key } of texts) last.set(key, part)
  const kept = parts
    .flatMap(({ texts }, part) => texts.map((place, number) => ({ place, part, number })))
    .filter(({ place, part }) => last.get(place.key) === part)
    .toSorted((a, b) => newestFirst(a.place, b.place))
  const numbers = parts.map(({ texts }) => new Int32Array(texts.length).fill(-1))
  for (const [number, { part, number: before }] of kept.entries()) numbers[part]?.set([number], before)
  const spots = new Spots()
  for (const [part, { lines }] of parts.entries()) {
    for (const line of lines) {
      const word = spots.idOf(wordOf(line))
      for (const spot of spotsIn(line)) {
        const number = numbers[part]?.[textOf(spot)] ?? -1
        if (number >= 0) spots.add(word, number * PLACES + (spot % PLACES))
      }
    }
  }
  return { texts: kept.map(({ place }) => place), lines: spots.lines() }
}

/** Where a line's word stands, in order. */
export function spotsIn(line: string): number[] {
  const lists = line.slice(line.lastIndexOf(BETWEEN_FIELDS) + 1).split(BETWEEN_LISTS)
  return textsIn(line).flatMap((text, index) => sumsOf(lists[index] ?? '', text * PLACES))
}

/** Numbers of the texts that have a line's word, in order. */
export const textsIn = (line: string): number[] =>
  sumsOf(line.slice(line.indexOf(BETWEEN_FIELDS) + 1, line.lastIndexOf(BETWEEN_FIELDS)), -1)

/** Gathers where words stand, and sorts it by word at the end: numbers in long lists, which cost a garbage collector nothing. */
class Spots {
  readonly #ids = new Map<string, number>()
  readonly #words: number[] = []
  readonly #spots: number[] = []

  idOf(word: string): number {
    const known = this.#ids.get(word)
    if (known !== undefined) return known
    const id = this.#ids.size
    this.#ids.set(word, id)
    return id
  }

  add(word: number, spot: number): void {
    this.#words.push(word)
    this.#spots.push(spot)
  }

  lines(): readonly string[] {
    const ends = new Int32Array(this.#ids.size)
    for (const word of this.#words) ends[word] = (ends[word] ?? 0) + 1
    for (let word = 1; word < ends.length; word += 1) ends[word] = (ends[word] ?? 0) + (ends[word - 1] ?? 0)
    const begins = ends.slice()
    const byWord = new Float64Array(this.#spots.length)
    for (let n = this.#spots.length - 1; n >= 0; n -= 1) {
      const word = this.#words[n] ?? 0
      const at = (begins[word] ?? 0) - 1
      begins[word] = at
      byWord[at] = this.#spots[n] ?? 0
    }
    const lines: string[] = []
    for (const word of [...this.#ids.keys()].toSorted()) {
      const id = this.#ids.get(word) ?? 0
      const spots = byWord.subarray(begins[id], ends[id])
      if (spots.length > 0) lines.push(lineOf(word, spots.sort()))
    }
    return lines
  }
}

/** A line is the word, the numbers of the texts that have it, and for each of these the word's places in it. */
function lineOf(word: string, spots: Float64Array): string {
  let texts = ''
  let places = ''
  let text = -1
  let place = 0
  for (const spot of spots) {
    if (textOf(spot) !== text) {
      texts += vlq(textOf(spot) - text)
      if (text >= 0) places += BETWEEN_LISTS
      text = textOf(spot)
      place = 0
    }
    places += vlq((spot % PLACES) - place)
    place = spot % PLACES
  }
  return beginOf(word) + texts + BETWEEN_FIELDS + places
}
