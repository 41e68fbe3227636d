import type { PGlite, Transaction } from '@electric-sql/pglite'
import {
  BY_SESSION,
  TABLE_NAMES,
  type AnyRow,
  type ItemRow,
  type RecordedEvent,
  type RowChange,
  type RowRef,
  type StreamState,
  type TableName,
} from '@coppice/events'
import { CarefulDatabase } from './careful-database.ts'
import type { SessionTable, SpineItem } from './replica.ts'
import type { Place } from './search/documents.ts'
import { PART_TABLES } from './search/part-tables.ts'
import { PgliteSearch } from './search/pglite-search.ts'
import type { SearchQuery } from './search/query.ts'
import { rowName, type Batch, type Cursor, type LeftStream, type Store } from './store.ts'
import { WriteAhead } from './write-ahead.ts'
import { bySession, writeTable } from './write-table.ts'

/**
 * Rows are kept as JSON text, not jsonb: jsonb refuses NUL, which agents do print. What is asked for by session has its
 * session and order beside the text; conversation rows also have their spine, so that a list opens without the bodies.
 */
const TABLES = [
  'create table if not exists meta (name text primary key, value text not null)',
  'create table if not exists cursors (log text primary key, epoch text not null, position bigint not null)',
  'alter table cursors add column if not exists peaks text',
  'create table if not exists left_streams (log text not null, stream text not null, projection int not null, primary key (log, stream))',
  'create table if not exists notes (name text primary key, body text not null)',
  'create table if not exists events (log text not null, position bigint not null, body text not null, primary key (log, position))',
  'create table if not exists states (log text not null, stream text not null, state text not null, primary key (log, stream))',
  ...TABLE_NAMES.map((table) =>
    bySession(table)
      ? `create table if not exists ${table} (key text primary key, log text not null, session text not null, seq double precision not null, spine text not null, body text not null)`
      : `create table if not exists ${table} (key text primary key, log text not null, body text not null)`,
  ),
  PART_TABLES,
].join(';\n')

const INDEXES = BY_SESSION.map(
  (table) => `create index if not exists ${table}_by_session on ${table} (session, seq)`,
).join(';\n')

/** All that a database has before anything is in it; what is there already is left as it is. */
export const SCHEMA = `${TABLES};\n${INDEXES}`

/** The replica's confirmed state in PGlite: in the browser on OPFS, in Node on disk or in memory. */
export class PgliteStore implements Store {
  readonly kind = 'persistent'
  readonly #db: CarefulDatabase
  readonly #search: PgliteSearch
  readonly #ahead: WriteAhead

  private constructor(db: CarefulDatabase) {
    this.#db = db
    this.#search = new PgliteSearch(db)
    this.#ahead = new WriteAhead(db)
  }

  /** Takes over an open database and makes the tables that are not there yet. */
  static async open(db: PGlite): Promise<PgliteStore> {
    await db.exec(SCHEMA)
    return new PgliteStore(new CarefulDatabase(db))
  }

  get broken(): Promise<Error> {
    return this.#db.broken
  }

  async projectionVersion(): Promise<number | undefined> {
    const { rows } = await this.#db.query<{ value: string }>("select value from meta where name = 'projection'")
    return rows[0] ? Number(rows[0].value) : undefined
  }

  async cursors(): Promise<readonly Cursor[]> {
    const { rows } = await this.#db.query<{ log: string; epoch: string; position: number; peaks: string | null }>(
      'select log, epoch, position, peaks from cursors',
    )
    return rows.map(({ log, epoch, position, peaks }) => ({
      log,
      epoch,
      position: Number(position),
      ...(peaks !== null && { peaks: peaks === '' ? [] : peaks.split(' ') }),
    }))
  }

  async leftStreams(): Promise<readonly LeftStream[]> {
    return (await this.#db.query<LeftStream>('select log, stream, projection from left_streams')).rows
  }

  async note(name: string): Promise<string | undefined> {
    const { rows } = await this.#db.query<{ body: string }>('select body from notes where name = $1', [name])
    return rows[0]?.body
  }

  async keepNote(name: string, text: string): Promise<void> {
    const sql = 'insert into notes (name, body) values ($1, $2) on conflict (name) do update set body = excluded.body'
    await this.#db.write((tx) => tx.query(sql, [name, text]))
  }

  async apply(batch: Batch): Promise<void> {
    let written = 0
    try {
      await this.#db.write(async (tx) => {
        written = await this.#write(tx, batch)
      })
    } catch (error) {
      this.#search.forget()
      this.#ahead.close()
      throw error
    }
    await this.#ahead.wrote(written)
  }

  /** Gives how much was written, in characters of JSON. */
  async #write(tx: Transaction, batch: Batch): Promise<number> {
    const { log, epoch, position } = batch.cursor
    let written = 0
    if (batch.events.length > 0) {
      const events = batch.events.map((event) => ({ position: event.position, body: JSON.stringify(event) }))
      const text = JSON.stringify(events)
      written += text.length
      await tx.query(
        `insert into events (log, position, body) select $1, r.position, r.body
             from json_to_recordset($2::text::json) as r(position bigint, body text) on conflict do nothing`,
        [log, text],
      )
    }
    for (const [table, changed] of lastOfEach(batch.changes)) {
      written += await writeTable(tx, table, log, position, changed)
      if (table === 'items') await this.#search.write(tx, log, changed)
    }
    if (batch.states.length > 0) {
      const states = batch.states.map(({ stream, state }) => ({ stream, state: JSON.stringify(state) }))
      const text = JSON.stringify(states)
      written += text.length
      await tx.query(
        `insert into states (log, stream, state) select $1, r.stream, r.state
             from json_to_recordset($2::text::json) as r(stream text, state text)
             on conflict (log, stream) do update set state = excluded.state`,
        [log, text],
      )
    }
    await writeLeft(tx, batch)
    await tx.query(
      `insert into cursors (log, epoch, position, peaks) values ($1, $2, $3, $4)
           on conflict (log) do update set epoch = excluded.epoch, position = excluded.position, peaks = excluded.peaks`,
      [log, epoch, position, batch.cursor.peaks?.join(' ') ?? null],
    )
    return written
  }

  async all(table: TableName): Promise<readonly { key: string; log: string; row: AnyRow }[]> {
    const { rows } = await this.#db.query<{ key: string; log: string; body: string }>(
      `select key, log, body from ${table}`,
    )
    return rows.map(({ key, log, body }) => ({ key, log, row: JSON.parse(body) as AnyRow }))
  }

  async get(refs: readonly RowRef[]): Promise<ReadonlyMap<string, AnyRow>> {
    const found = new Map<string, AnyRow>()
    for (const table of TABLE_NAMES) {
      const keys = refs.filter((ref) => ref.table === table).map((ref) => ref.key)
      if (keys.length === 0) continue
      const { rows } = await this.#db.query<{ key: string; body: string }>(
        `select key, body from ${table} where key = any($1)`,
        [keys],
      )
      for (const { key, body } of rows) found.set(rowName(table, key), JSON.parse(body) as AnyRow)
    }
    return found
  }

  async state(log: string, stream: string): Promise<StreamState | undefined> {
    const { rows } = await this.#db.query<{ state: string }>(
      'select state from states where log = $1 and stream = $2',
      [log, stream],
    )
    return rows[0] ? (JSON.parse(rows[0].state) as StreamState) : undefined
  }

  async spine(sessionId: string, newest?: number): Promise<readonly SpineItem[]> {
    const wanted = newest === undefined ? '' : 'order by seq desc limit $2'
    const { rows } = await this.#db.query<{ spine: string }>(
      `select spine from items where session = $1 ${wanted}`,
      newest === undefined ? [sessionId] : [sessionId, newest],
    )
    return rows.map(({ spine }) => JSON.parse(spine) as SpineItem)
  }

  async bySession(table: SessionTable, sessionId: string): Promise<readonly AnyRow[]> {
    const { rows } = await this.#db.query<{ body: string }>(
      `select body from ${table} where session = $1 order by seq`,
      [sessionId],
    )
    return rows.map(({ body }) => JSON.parse(body) as AnyRow)
  }

  async events(log: string, after: number, limit: number): Promise<readonly RecordedEvent[]> {
    const { rows } = await this.#db.transaction(async (tx) => {
      // Without statistics, which a database in a browser never gathers, all that is left would be sorted for each page.
      await tx.query('set local enable_bitmapscan = off')
      // One text for all: taking rows out of the database one by one costs more than reading them.
      return tx.query<{ bodies: string | null }>(
        `select string_agg(body, ',' order by position) as bodies
           from (select position, body from events where log = $1 and position > $2 order by position limit $3) as page`,
        [log, after, limit],
      )
    })
    return JSON.parse(`[${rows[0]?.bodies ?? ''}]`) as RecordedEvent[]
  }

  search(query: SearchQuery, limit: number, after: Place | undefined): Promise<readonly ItemRow[]> {
    return this.#search.find(query, limit, after)
  }

  async eraseLog(log: string): Promise<void> {
    await this.#db.write(async (tx) => {
      await this.#search.erase(tx, log)
      for (const table of [...TABLE_NAMES, 'states', 'events', 'cursors', 'left_streams'])
        await tx.query(`delete from ${table} where log = $1`, [log])
    })
  }

  async beginRebuild(): Promise<void> {
    await this.#db.write(async (tx) => {
      // Tables that are filled whole are indexed when they are full: less work than row by row.
      await this.#search.empty(tx)
      for (const table of BY_SESSION) await tx.query(`drop index if exists ${table}_by_session`)
      const made = TABLE_NAMES.filter((table) => table !== 'sessions')
      await tx.query(`truncate ${[...made, 'meta'].join(', ')}`)
      await tx.query(`delete from sessions where not exists (
        select from left_streams as l where l.log = sessions.log and l.stream = 'session/' || sessions.key)`)
      await tx.query(`delete from states where not exists (
        select from left_streams as l where l.log = states.log and l.stream = states.stream)`)
    })
  }

  async finishRebuild(projectionVersion: number): Promise<void> {
    await this.#db.write(async (tx) => {
      await tx.exec(INDEXES)
      await tx.query("insert into meta (name, value) values ('projection', $1)", [String(projectionVersion)])
    })
  }

  giveUp(error: unknown): void {
    this.#ahead.close()
    this.#db.giveUp(error)
  }

  async close(): Promise<void> {
    this.#ahead.close()
    await this.#db.close()
  }
}

function lastOfEach(changes: readonly RowChange[]): ReadonlyMap<TableName, ReadonlyMap<string, AnyRow | null>> {
  const tables = new Map<TableName, Map<string, AnyRow | null>>()
  for (const { table, key, row } of changes) {
    const last = tables.get(table)
    if (last) last.set(key, row)
    else tables.set(table, new Map([[key, row]]))
  }
  return tables
}

async function writeLeft(tx: Transaction, { cursor, left = [], whole = [] }: Batch): Promise<void> {
  if (whole.length > 0)
    await tx.query('delete from left_streams where log = $1 and stream = any($2)', [cursor.log, whole])
  if (left.length > 0)
    await tx.query(
      `insert into left_streams (log, stream, projection)
         select $1, r.stream, r.projection from jsonb_to_recordset($2::text::jsonb) as r(stream text, projection int)
         on conflict (log, stream) do update set projection = excluded.projection`,
      [cursor.log, JSON.stringify(left)],
    )
}
