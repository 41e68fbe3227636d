import type { Transaction } from '@electric-sql/pglite'
import type { ItemRow } from '@coppice/events'
import { blocksFor } from './blocks.ts'
import { documentOf, newestFirst, type Place } from './documents.ts'
import { textsThatFit } from './lookup.ts'
import { readBlocks, readKeys, type KnownPart, type Numbered } from './part-tables.ts'
import { matches, type SearchQuery } from './query.ts'

/** So many parts are looked through first; if there were too few hits, twice as many, and so on. */
const PARTS_AT_FIRST = 4

const newestOf = (part: KnownPart | undefined): number => part?.ats[0] ?? -Infinity

/** One search: looks through parts, newest first, for as long as hits are wanted. */
export class Finding {
  readonly #tx: Transaction
  readonly #query: SearchQuery
  readonly #after: Place | undefined
  /** Not looked through yet, newest first. */
  #parts: readonly KnownPart[]
  #partsAtOnce = PARTS_AT_FIRST
  /** Found in the index, and not given yet; newest first. */
  #found: readonly Numbered[] = []
  readonly #given = new Set<string>()

  constructor(tx: Transaction, parts: readonly KnownPart[], query: SearchQuery, after: Place | undefined) {
    this.#tx = tx
    this.#query = query
    this.#after = after
    this.#parts = parts
      .filter(({ ats }) => after === undefined || (ats.at(-1) ?? Infinity) <= after.at)
      .toSorted((a, b) => newestOf(b) - newestOf(a))
  }

  async rows(limit: number): Promise<readonly ItemRow[]> {
    const rows: ItemRow[] = []
    while (rows.length < limit) {
      const texts = await this.#next(limit - rows.length)
      if (texts.length === 0) break
      rows.push(...(await this.#rowsOf(texts)))
    }
    return rows.slice(0, limit)
  }

  /** The next texts in the order of hits, at least so many where there are; all of one moment together. */
  async #next(count: number): Promise<readonly Numbered[]> {
    for (;;) {
      // What is not looked through may hold something of this moment.
      const bound = newestOf(this.#parts[0])
      const sure = this.#found.findIndex(({ at }) => at <= bound)
      const ready = sure === -1 ? this.#found.length : sure
      if (ready >= count || this.#parts.length === 0) {
        const last = this.#found[Math.min(count, ready) - 1]?.at
        const to = this.#found.findIndex(({ at }) => last === undefined || at < last)
        const texts = this.#found.slice(0, to === -1 ? ready : to)
        this.#found = this.#found.slice(texts.length)
        return texts
      }
      await this.#look(this.#parts.slice(0, this.#partsAtOnce))
      this.#parts = this.#parts.slice(this.#partsAtOnce)
      this.#partsAtOnce *= 2
    }
  }

  async #look(parts: readonly KnownPart[]): Promise<void> {
    const wanted = parts.flatMap(({ id, firsts }) => blocksFor(this.#query, firsts).map((n) => ({ part: id, n })))
    const blocks = await readBlocks(this.#tx, wanted)
    const latest = this.#after?.at ?? Infinity
    const found: Numbered[] = [...this.#found]
    for (const part of parts) {
      const linesFor = blocks.get(part.id)
      for (const number of linesFor ? textsThatFit(this.#query, linesFor) : []) {
        const at = part.ats[number] ?? 0
        if (at <= latest) found.push({ part, number, at })
      }
    }
    this.#found = found.toSorted((a, b) => b.at - a.at)
  }

  /** The rows of texts, of those whose row still has such a text. */
  async #rowsOf(texts: readonly Numbered[]): Promise<readonly ItemRow[]> {
    const after = this.#after
    const places = (await readKeys(this.#tx, texts))
      .filter((place) => after === undefined || newestFirst(place, after) > 0)
      .toSorted(newestFirst)
    const { rows } = await this.#tx.query<{ key: string; body: string }>(
      'select key, body from items where key = any($1)',
      [places.map(({ key }) => key)],
    )
    const bodies = new Map(rows.map(({ key, body }) => [key, body]))
    return places.flatMap(({ key, at }) => {
      const body = this.#given.has(key) ? undefined : bodies.get(key)
      if (body === undefined) return []
      const row = JSON.parse(body) as ItemRow
      const document = documentOf(row)
      if (document?.at !== at || !matches(this.#query, document.text)) return []
      this.#given.add(key)
      return [row]
    })
  }
}
