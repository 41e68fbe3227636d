import type { Transaction } from '@electric-sql/pglite'
import type { Database } from '../careful-database.ts'
import { copyRows } from '../copy-rows.ts'
import { blocksOf, linesIn, linesOf } from './blocks.ts'
import type { Place } from './documents.ts'
import type { LinesFor } from './lookup.ts'
import type { IndexPart } from './part.ts'

/** What is in memory of each part. */
export interface KnownPart {
  readonly id: number
  /** When its texts were written, newest first; ms since 1970. */
  readonly ats: readonly number[]
  /** First words of its blocks. */
  readonly firsts: readonly string[]
}

/**
 * `search_parts` has a row for each part, `search_blocks` its lines, `search_keys` the keys of its texts. None of it is
 * compressed by the database: that costs more than it saves.
 */
export const PART_TABLES = [
  'create table if not exists search_parts (id int primary key, log text not null, ats text not null, firsts text not null)',
  'create table if not exists search_blocks (part int not null, n int not null, body text not null, primary key (part, n))',
  'create table if not exists search_keys (part int not null, n int not null, keys text not null, primary key (part, n))',
  ...['search_blocks alter body', 'search_parts alter ats', 'search_parts alter firsts', 'search_keys alter keys'].map(
    (column) => `alter table ${column} set storage external`,
  ),
].join(';\n')

/** What stood here up to projection version 6. */
export const DROP_OLDER_TABLES = 'drop table if exists search, search_segments'

/** So many keys stand in a row: few of a part are hits. */
const KEYS_A_ROW = 64

type Reader = Pick<Database, 'query'> | Pick<Transaction, 'query'>

export async function knownParts(db: Reader): Promise<ReadonlyMap<string, readonly KnownPart[]>> {
  const { rows } = await db.query<{ id: number; log: string; ats: string; firsts: string }>(
    'select id, log, ats, firsts from search_parts order by id',
  )
  const logs = new Map<string, KnownPart[]>()
  for (const { id, log, ats, firsts } of rows) {
    const parts = logs.get(log) ?? []
    parts.push({ id, ats: JSON.parse(ats) as number[], firsts: JSON.parse(firsts) as string[] })
    logs.set(log, parts)
  }
  return logs
}

export async function writePart(tx: Transaction, log: string, id: number, part: IndexPart): Promise<KnownPart> {
  const blocks = blocksOf(part.lines)
  const known = { id, ats: part.texts.map(({ at }) => at), firsts: blocks.map(({ first }) => first) }
  const keys: string[] = []
  for (let from = 0; from < part.texts.length; from += KEYS_A_ROW)
    keys.push(
      part.texts
        .slice(from, from + KEYS_A_ROW)
        .map(({ key }) => key)
        .join(' '),
    )
  await tx.query('insert into search_parts (id, log, ats, firsts) values ($1, $2, $3, $4)', [
    id,
    log,
    JSON.stringify(known.ats),
    JSON.stringify(known.firsts),
  ])
  await copyRows(
    tx,
    'search_blocks (part, n, body)',
    blocks.map(({ body }, n) => [id, n, body]),
  )
  await copyRows(
    tx,
    'search_keys (part, n, keys)',
    keys.map((some, n) => [id, n, some]),
  )
  return known
}

export async function readPart(tx: Transaction, { id, ats }: KnownPart): Promise<IndexPart> {
  const blocks = await tx.query<{ body: string }>('select body from search_blocks where part = $1 order by n', [id])
  const { rows } = await tx.query<{ keys: string }>('select keys from search_keys where part = $1 order by n', [id])
  const keys = rows.flatMap((row) => row.keys.split(' '))
  return {
    texts: ats.map((at, n) => ({ at, key: keys[n] ?? '' })),
    lines: blocks.rows.flatMap(({ body }) => linesOf(body)),
  }
}

export async function removeParts(tx: Transaction, parts: readonly KnownPart[]): Promise<void> {
  const ids = parts.map(({ id }) => id)
  await tx.query('delete from search_parts where id = any($1)', [ids])
  for (const table of ['search_blocks', 'search_keys'])
    await tx.query(`delete from ${table} where part = any($1)`, [ids])
}

/** Some blocks of some parts; for each part, what finds lines in them. */
export async function readBlocks(
  tx: Transaction,
  wanted: readonly { readonly part: number; readonly n: number }[],
): Promise<ReadonlyMap<number, LinesFor>> {
  const { rows } = await tx.query<{ part: number; body: string }>(
    `select b.part, b.body from json_to_recordset($1::text::json) as w(part int, n int)
       join search_blocks as b on b.part = w.part and b.n = w.n`,
    [JSON.stringify(wanted)],
  )
  const bodies = new Map<number, string[]>()
  for (const { part, body } of rows) bodies.set(part, [...(bodies.get(part) ?? []), body])
  return new Map([...bodies].map(([part, all]) => [part, linesIn(all)]))
}

/** Where a text stands in the index. */
export interface Numbered {
  readonly part: KnownPart
  readonly number: number
  readonly at: number
}

/** The texts' keys. */
export async function readKeys(tx: Transaction, texts: readonly Numbered[]): Promise<readonly Place[]> {
  const wanted = new Map<string, { part: number; n: number }>()
  for (const { part, number } of texts) {
    const n = Math.floor(number / KEYS_A_ROW)
    wanted.set(`${part.id} ${n}`, { part: part.id, n })
  }
  const { rows } = await tx.query<{ part: number; n: number; keys: string }>(
    `select k.part, k.n, k.keys from json_to_recordset($1::text::json) as w(part int, n int)
       join search_keys as k on k.part = w.part and k.n = w.n`,
    [JSON.stringify([...wanted.values()])],
  )
  const keys = new Map(rows.map((row) => [`${row.part} ${row.n}`, row.keys.split(' ')]))
  return texts.map(({ part, number, at }) => ({
    at,
    key: keys.get(`${part.id} ${Math.floor(number / KEYS_A_ROW)}`)?.[number % KEYS_A_ROW] ?? '',
  }))
}
