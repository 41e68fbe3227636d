import type { Transaction } from '@electric-sql/pglite'
import { BY_SESSION, type AnyRow, type ItemRow, type TableName } from '@coppice/events'
import { copyRows } from './copy-rows.ts'
import { spineOf } from './spine.ts'

export const bySession = (table: TableName): boolean => (BY_SESSION as readonly string[]).includes(table)

/** From so many rows on it pays to ask which are there already, and to copy the others in. */
const MANY_ROWS = 100

/** A row as it stands in a table whose rows are asked for by session. */
interface StoredRow {
  readonly key: string
  readonly session: string
  readonly seq: number
  readonly spine: string
  readonly body: string
}

/** Writes a table's changed rows; `null` where one is gone. Gives how much was written, in characters of JSON. */
export async function writeTable(
  tx: Transaction,
  table: TableName,
  log: string,
  revision: number,
  changed: ReadonlyMap<string, AnyRow | null>,
): Promise<number> {
  if (changed.size === 0) return 0
  const gone = [...changed].filter(([, row]) => row === null).map(([key]) => key)
  if (gone.length > 0) await tx.query(`delete from ${table} where key = any($1)`, [gone])
  const kept = [...changed].flatMap(([key, row]) => (row === null ? [] : [{ key, row }]))
  if (kept.length === 0) return 0
  if (!bySession(table)) {
    const text = JSON.stringify(kept.map(({ key, row }) => ({ key, body: JSON.stringify(row) })))
    await tx.query(
      `insert into ${table} (key, log, body) select r.key, $1, r.body from json_to_recordset($2::text::json) as r(key text, body text)
         on conflict (key) do update set body = excluded.body`,
      [log, text],
    )
    return text.length
  }
  const rows = kept.map(({ key, row }): StoredRow => ({
    key,
    session: 'sessionId' in row ? row.sessionId : '',
    seq: 'seq' in row ? row.seq : 'at' in row ? row.at : 0,
    spine: table === 'items' ? JSON.stringify(spineOf(row as ItemRow, revision, false)) : '',
    body: JSON.stringify(row),
  }))
  const there = rows.length < MANY_ROWS ? undefined : await keysThere(tx, table, rows)
  if (there)
    await copyIn(
      tx,
      table,
      log,
      rows.filter(({ key }) => !there.has(key)),
    )
  await upsert(tx, table, log, there ? rows.filter(({ key }) => there.has(key)) : rows)
  return rows.reduce((length, { spine, body }) => length + spine.length + body.length, 0)
}

async function keysThere(tx: Transaction, table: TableName, rows: readonly StoredRow[]): Promise<ReadonlySet<string>> {
  const keys = rows.map(({ key }) => key)
  const found = await tx.query<{ key: string }>(`select key from ${table} where key = any($1)`, [keys])
  return new Set(found.rows.map(({ key }) => key))
}

const copyIn = (tx: Transaction, table: TableName, log: string, rows: readonly StoredRow[]): Promise<void> =>
  copyRows(
    tx,
    `${table} (key, log, session, seq, spine, body)`,
    rows.map(({ key, session, seq, spine, body }) => [key, log, session, seq, spine, body]),
  )

async function upsert(tx: Transaction, table: TableName, log: string, rows: readonly StoredRow[]): Promise<void> {
  if (rows.length === 0) return
  await tx.query(
    `insert into ${table} (key, log, session, seq, spine, body)
       select r.key, $1, r.session, r.seq, r.spine, r.body
       from json_to_recordset($2::text::json) as r(key text, session text, seq double precision, spine text, body text)
       on conflict (key) do update set seq = excluded.seq, spine = excluded.spine, body = excluded.body`,
    [log, JSON.stringify(rows)],
  )
}
