import type { PGlite, Transaction } from '@electric-sql/pglite'
import type { AnyRow, ItemRow } from '@coppice/events'
import { LruMap } from '../lru.ts'
import { documentChanges, type Place } from './documents.ts'
import { tsqueryOf, type SearchQuery } from './query.ts'
import { vectorOf } from './words.ts'

/**
 * The words stand in a table of their own, so that rows of the conversation can change without their index. The words come
 * from our own splitting, not from PostgreSQL's, which takes a path or an address for one word.
 */
export const SEARCH_TABLE =
  'create table if not exists search (key text primary key, log text not null, at double precision not null, words tsvector not null)'
const SEARCH_INDEX = 'create index if not exists search_words on search using gin (words)'

/** Texts of so many rows are remembered, because most changes of a row do not touch its text. */
const REMEMBERED_TEXTS = 4_000

/** The full-text index in PGlite: written in the transaction of the rows it is of. */
export class PgliteSearch {
  readonly #db: PGlite
  readonly #texts = new LruMap<string, string>(REMEMBERED_TEXTS)

  constructor(db: PGlite) {
    this.#db = db
  }

  /** A conversation's changed rows. If the transaction fails, call {@link PgliteSearch.forget}. */
  async write(tx: Transaction, log: string, changed: ReadonlyMap<string, AnyRow | null>): Promise<void> {
    const gone: string[] = []
    const rows: { key: string; at: number; words: string }[] = []
    for (const [key, document] of documentChanges(changed)) {
      const text = document?.text ?? ''
      if (this.#texts.get(key) === text) continue
      this.#texts.set(key, text)
      if (document) rows.push({ key, at: document.at, words: vectorOf(text) })
      else gone.push(key)
    }
    if (gone.length > 0) await tx.query('delete from search where key = any($1)', [gone])
    if (rows.length === 0) return
    await tx.query(
      `insert into search (key, log, at, words) select r.key, $1, r.at, r.words::tsvector
         from json_to_recordset($2::text::json) as r(key text, at double precision, words text)
         on conflict (key) do update set words = excluded.words where search.words is distinct from excluded.words`,
      [log, JSON.stringify(rows)],
    )
  }

  /** What was thought to be written may not have been. */
  forget(): void {
    this.#texts.clear()
  }

  /** Before the table is filled whole. */
  async dropIndex(tx: Transaction): Promise<void> {
    this.forget()
    await tx.query('drop index if exists search_words')
  }

  async makeIndex(): Promise<void> {
    await this.#db.exec(SEARCH_INDEX)
  }

  /** Rows that fit, newest first. */
  async find(query: SearchQuery, limit: number, after: Place | undefined): Promise<readonly ItemRow[]> {
    const { rows } = await this.#db.query<{ body: string }>(
      `select items.body from
         (select key, at from search where words @@ $1::tsquery and ($2::float8 is null or (at, key) < ($2::float8, $3::text))
            order by at desc, key desc limit $4) as found
         join items on items.key = found.key order by found.at desc, found.key desc`,
      [tsqueryOf(query), after?.at ?? null, after?.key ?? null, limit],
    )
    return rows.map(({ body }) => JSON.parse(body) as ItemRow)
  }
}
