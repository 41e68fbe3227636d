/**
 * PF-4: folding parsed events in memory, and rebuilding a replica's rows, search index included, from the events in its
 * PGlite on disk. The baseline is a multi-row insert of the same events, 500 a statement, into a new table of the same
 * database. `--events N` changes the length.
 */
import { PGlite } from '@electric-sql/pglite'
import {
  evolve,
  initialState,
  parseEvent,
  PROJECTION_VERSION,
  project,
  type AnyRow,
  type ReadRow,
  type RecordedEvent,
  type Rows,
  type StreamState,
  TABLE_NAMES,
  type TableName,
} from '@coppice/events'
import { parseArgs } from 'node:util'
import { PgliteStore } from '../packages/replica/src/pglite-store.ts'
import { rebuild } from '../packages/replica/src/rebuild.ts'
import { parseQuery } from '../packages/replica/src/search/query.ts'
import { judge, median } from './support/figures.ts'
import { history } from './support/history.ts'
import { temporaryFolder } from './support/processes.ts'

const { values } = parseArgs({ options: { events: { type: 'string', default: '100000' } } })
const LENGTH = Number(values.events)
const ROUNDS = 3
const AT_ONCE = 500
const FOLD_BAR_PER_S = 500_000
const REBUILD_BAR = 0.4

/** Streams and read models folded in memory, as a client without a database does it; events per second. */
function foldPerSecond(events: readonly RecordedEvent[]): number {
  const states = new Map<string, StreamState>()
  const rows = new Map<TableName, Map<string, AnyRow>>(TABLE_NAMES.map((table) => [table, new Map()]))
  const read: ReadRow = (table, key) => rows.get(table)?.get(key) as Rows[typeof table] | undefined
  const begun = performance.now()
  for (const event of events) {
    const state = states.get(event.stream) ?? initialState(event.log, event.stream)
    if (state) states.set(event.stream, evolve(state, event))
    for (const { table, key, row } of project(event, read)) {
      if (row === null) rows.get(table)?.delete(key)
      else rows.get(table)?.set(key, row)
    }
  }
  return (events.length / (performance.now() - begun)) * 1_000
}

async function insertPerSecond(db: PGlite, events: readonly RecordedEvent[]): Promise<number> {
  await db.exec(
    'create table raw (log text not null, position bigint not null, body text not null, primary key (log, position))',
  )
  const begun = performance.now()
  for (let at = 0; at < events.length; at += AT_ONCE) {
    const rows = events
      .slice(at, at + AT_ONCE)
      .map((event) => ({ position: event.position, body: JSON.stringify(event) }))
    await db.query(
      `insert into raw (log, position, body) select $1, r.position, r.body from jsonb_to_recordset($2::text::jsonb) as r(position bigint, body text)`,
      [events[0]?.log, JSON.stringify(rows)],
    )
  }
  const perSecond = (events.length / (performance.now() - begun)) * 1_000
  await db.exec('drop table raw')
  return perSecond
}

async function fill(store: PgliteStore, events: readonly RecordedEvent[]): Promise<void> {
  await store.beginRebuild()
  for (let at = 0; at < events.length; at += AT_ONCE) {
    const batch = events.slice(at, at + AT_ONCE)
    const cursor = { log: events[0]?.log ?? '', epoch: 'e', position: batch.at(-1)?.position ?? 0 }
    await store.apply({ cursor, events: batch, changes: [], states: [] })
  }
  await store.finishRebuild(PROJECTION_VERSION)
}

const events = history(LENGTH).map((event) => parseEvent(event))
const folds = Array.from({ length: ROUNDS + 1 }, () => foldPerSecond(events)).slice(1)
judge('PF-4 fold in memory', median(folds) / 1_000, { atLeast: FOLD_BAR_PER_S / 1_000 }, 'k events/s')

const { folder, remove } = temporaryFolder()
const db = await PGlite.create(`${folder}/db`)
try {
  const store = await PgliteStore.open(db)
  await fill(store, events)
  const ratios: number[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    const raw = await insertPerSecond(db, events)
    const begun = performance.now()
    await rebuild(store)
    const rebuilt = (events.length / (performance.now() - begun)) * 1_000
    ratios.push(rebuilt / raw)
    process.stdout.write(`rebuilt ${Math.round(rebuilt)} events/s, raw insert ${Math.round(raw)} events/s\n`)
  }
  judge('PF-4 rebuild against the raw insert, PGlite', median(ratios), { atLeast: REBUILD_BAR }, 'x')
  const found = await store.search(parseQuery('src '), 10, undefined)
  if (found.length !== 10) throw new Error('The rebuilt index does not find what is there.')
  const { rows } = await db.query<{ name: string; mb: number }>(
    "select relname as name, round(pg_total_relation_size(oid) / 1e6)::int as mb from pg_class where relname in ('events', 'items', 'search', 'sessions')",
  )
  process.stdout.write(`on disk, MB: ${rows.map(({ name, mb }) => `${name} ${mb}`).join(', ')}\n`)
} finally {
  await db.close()
  remove()
}
