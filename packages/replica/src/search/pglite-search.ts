import type { PGlite, Transaction } from '@electric-sql/pglite'
import type { AnyRow, ItemRow } from '@coppice/events'
import { LruMap } from '../lru.ts'
import { documentChanges, newestFirst, type Place } from './documents.ts'
import { tsqueryOf, type SearchQuery } from './query.ts'
import { Segments, SEGMENTS_TABLE, wordOf, type Segment } from './segments.ts'
import { vectorOf } from './words.ts'

/**
 * The words stand in a table of their own, so that rows of the conversation can change without their index. The words come
 * from our own splitting, not from PostgreSQL's, which takes a path or an address for one word.
 */
export const SEARCH_TABLE = [
  'create table if not exists search (key text primary key, log text not null, at double precision not null, words tsvector not null)',
  SEGMENTS_TABLE,
].join(';\n')
/** What is new is looked through word by word until it is sorted in: little of it, because each search pays for it. */
const SEARCH_INDEX =
  'create index if not exists search_words on search using gin (words) with (gin_pending_list_limit = 128)'

/** Texts of so many rows are remembered, because most changes of a row do not touch its text. */
const REMEMBERED_TEXTS = 4_000
/** A word with more hits than this is looked for among the newest texts first. */
const MANY_HITS = 200

/** The full-text index in PGlite: written in the transaction of the rows it is of. */
export class PgliteSearch {
  readonly #db: PGlite
  readonly #segments: Segments
  /** Before the table is filled whole it has no index: nothing is sorted out then. */
  #indexed = true
  readonly #texts = new LruMap<string, string>(REMEMBERED_TEXTS)

  constructor(db: PGlite) {
    this.#db = db
    this.#segments = new Segments(db)
  }

  /** A conversation's changed rows. If the transaction fails, call {@link PgliteSearch.forget}. */
  async write(tx: Transaction, log: string, changed: ReadonlyMap<string, AnyRow | null>): Promise<void> {
    const gone: string[] = []
    const found: { key: string; at: number; words: string }[] = []
    for (const [key, document] of documentChanges(changed)) {
      const text = document?.text ?? ''
      if (this.#texts.get(key) === text) continue
      this.#texts.set(key, text)
      if (document) found.push({ key, at: document.at, words: vectorOf(text) })
      else gone.push(key)
    }
    if (gone.length > 0) await tx.query('delete from search where key = any($1)', [gone])
    if (found.length === 0) return
    found.sort((a, b) => a.at - b.at)
    const segments = await this.#segments.place(tx, found)
    const rows = found.map(({ words, ...row }, index) => {
      const segment = segments[index]
      return { ...row, words: segment ? `${words} ${wordOf(segment)}` : words }
    })
    await tx.query(
      `insert into search (key, log, at, words) select r.key, $1, r.at, r.words::tsvector
         from json_to_recordset($2::text::json) as r(key text, at double precision, words text)
         on conflict (key) do update set words = excluded.words where search.words is distinct from excluded.words`,
      [log, JSON.stringify(rows)],
    )
    if (this.#indexed) await this.#segments.split(tx)
  }

  /** What was thought to be written may not have been. */
  forget(): void {
    this.#texts.clear()
    this.#segments.forget()
  }

  /** Before the table is filled whole. */
  async dropIndex(tx: Transaction): Promise<void> {
    this.forget()
    this.#indexed = false
    await tx.query('drop index if exists search_words')
    await tx.query('truncate search, search_segments')
  }

  async makeIndex(): Promise<void> {
    await this.#db.exec(SEARCH_INDEX)
    this.#indexed = true
    await this.#db.transaction((tx) => this.#segments.split(tx))
  }

  /** Rows that fit, newest first. */
  async find(query: SearchQuery, limit: number, after: Place | undefined): Promise<readonly ItemRow[]> {
    if (query.length === 0) return []
    const looking = { words: tsqueryOf(query), limit, after }
    const segments = await this.#segments.upTo(after?.at ?? Infinity)
    const places = await this.#db.transaction(async (tx) => {
      // Without statistics, which a database in a browser never gathers, it would read the whole table for some words.
      await tx.query('set local enable_seqscan = off')
      return newest(tx, looking, segments)
    })
    const { rows } = await this.#db.query<{ key: string; body: string }>(
      'select key, body from items where key = any($1)',
      [places.map(({ key }) => key)],
    )
    const bodies = new Map(rows.map(({ key, body }) => [key, body]))
    return places.flatMap(({ key }) => {
      const body = bodies.get(key)
      return body === undefined ? [] : [JSON.parse(body) as ItemRow]
    })
  }
}

interface Looking {
  readonly words: string
  readonly limit: number
  readonly after: Place | undefined
}

const AFTER = '($2::float8 is null or (at, key) < ($2::float8, $3::text))'

/**
 * The newest hits. Mostly they are in the newest segment; few hits are all read and sorted; of many the segments are looked
 * through one after the other until there are enough: no search reads more than some hundred hits, whatever it is for.
 */
async function newest(tx: Transaction, looking: Looking, segments: readonly Segment[]): Promise<readonly Place[]> {
  const { words, limit, after } = looking
  const [first, ...older] = segments
  if (!first) return []
  const found = sorted(await inSegment(tx, looking, first))
  if (found.length >= limit || older.length === 0) return found.slice(0, limit)

  const most = Math.max(MANY_HITS, 2 * limit)
  const { rows: few } = await tx.query<Place>(
    `select key, at from search where words @@ $1::tsquery and ${AFTER} limit $4`,
    [words, after?.at ?? null, after?.key ?? null, most],
  )
  if (few.length < most) return sorted(few).slice(0, limit)

  // The loop goes from segment to segment in this order, and no further than the limit.
  const { rows } = await tx.query<Place & { segment: number }>(
    `select n::int as segment, key, at from unnest($1::text[]) with ordinality as segments (word, n)
       cross join lateral (select key, at from search where words @@ word::tsquery and ${AFTER}) as hits limit $4`,
    [older.map((one) => `${wordOf(one)} & (${words})`), after?.at ?? null, after?.key ?? null, most],
  )
  const last = rows.at(-1)?.segment ?? 0
  const segment = older[last - 1]
  // Of the last one it may have given a part only.
  const whole = rows.length < most ? rows : rows.filter((row) => row.segment !== last)
  const rest = rows.length < most || !segment ? [] : await inSegment(tx, looking, segment)
  return [...found, ...sorted([...whole, ...rest])].slice(0, limit)
}

async function inSegment(tx: Transaction, { words, after }: Looking, segment: Segment): Promise<readonly Place[]> {
  const { rows } = await tx.query<Place>(`select key, at from search where words @@ $1::tsquery and ${AFTER}`, [
    `${wordOf(segment)} & (${words})`,
    after?.at ?? null,
    after?.key ?? null,
  ])
  return rows
}

const sorted = (places: readonly Place[]): readonly Place[] =>
  places.map(({ key, at }) => ({ key, at })).toSorted(newestFirst)
