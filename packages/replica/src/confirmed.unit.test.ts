import { PGlite } from '@electric-sql/pglite'
import {
  PROJECTION_VERSION,
  sessionStream,
  workspaceLog,
  type AnyRow,
  type EventId,
  type RecordedEvent,
} from '@coppice/events'
import { deeds, foldRows, play } from '@coppice/events/testing'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ConfirmedState } from './confirmed.ts'
import { MemoryStore } from './memory-store.ts'
import { PgliteStore } from './pglite-store.ts'
import type { Store } from './store.ts'

const LOG = 'workspace:w'
const TABLES = ['sessions', 'items', 'checkpoints', 'operations', 'processes'] as const

let db: PGlite
beforeAll(async () => {
  db = await PGlite.create()
})
afterAll(() => db.close())

async function emptyPglite(): Promise<PgliteStore> {
  const store = await PgliteStore.open(db)
  await store.beginRebuild()
  await store.finishRebuild(PROJECTION_VERSION)
  await store.eraseLog(LOG)
  return store
}

async function applyInBatches(store: Store, events: readonly RecordedEvent[], size: number): Promise<ConfirmedState> {
  const confirmed = await ConfirmedState.load(store)
  for (let at = 0; at < events.length; at += size) {
    const batch = events.slice(at, at + size)
    await confirmed.apply({ log: LOG, epoch: 'e', position: batch.at(-1)?.position ?? 0 }, batch)
  }
  return confirmed
}

async function rowsIn(store: Store): Promise<Map<string, AnyRow>> {
  const rows = new Map<string, AnyRow>()
  for (const table of TABLES) for (const { key, row } of await store.all(table)) rows.set(`${table} ${key}`, row)
  return rows
}

test('[LF-1, EV-6] rows in PGlite equal rows folded in memory, however the log is cut into batches', async () => {
  await fc.assert(
    fc.asyncProperty(deeds, fc.integer({ min: 1, max: 20 }), async (story, size) => {
      const { events } = play(story).log
      const store = await emptyPglite()
      await applyInBatches(store, events, size)
      expect(await rowsIn(store)).toEqual(foldRows(events))
    }),
    { numRuns: 15 },
  )
})

test('[LF-5] a batch that fails leaves rows and cursor as they were: no hole, no repeat', async () => {
  const events = play([
    { what: 'create', session: 0, pick: 0, text: 'a' },
    { what: 'send', session: 0, pick: 0, text: 'b' },
    { what: 'send', session: 0, pick: 0, text: 'c' },
  ]).log.events
  const store = await emptyPglite()
  const confirmed = await applyInBatches(store, events.slice(0, 2), 1)
  const before = await rowsIn(store)
  await db.exec(`create or replace function break_it() returns trigger as $$ begin raise exception 'disk full'; end $$ language plpgsql;
    create trigger break_it before insert or update on cursors for each row execute function break_it()`)
  await expect(confirmed.apply({ log: LOG, epoch: 'e', position: 3 }, events.slice(2))).rejects.toThrow('disk full')
  await db.exec('drop trigger break_it on cursors')
  expect(confirmed.cursor(LOG)?.position).toBe(events[1]?.position)
  const started = await PgliteStore.open(db)
  expect(await rowsIn(started)).toEqual(before)
  expect(await started.cursors()).toMatchObject([{ log: LOG, epoch: 'e', position: events[1]?.position }])
  const again = await ConfirmedState.load(started)
  await again.apply({ log: LOG, epoch: 'e', position: events.length }, events.slice(2))
  expect(await rowsIn(started)).toEqual(foldRows(events))
})

test('[LF-1] a replica opened again stands where it stood, states included', async () => {
  const events = play([
    { what: 'create', session: 0, pick: 0, text: 'a' },
    { what: 'ready', session: 0, pick: 0, text: 'a' },
    { what: 'send', session: 0, pick: 0, text: 'b\u0000 with NUL' },
    { what: 'start', session: 0, pick: 0, text: '' },
    { what: 'say', session: 0, pick: 0, text: 'c' },
  ]).log.events
  const store = await emptyPglite()
  const first = await applyInBatches(store, events.slice(0, 3), 3)
  const second = await applyInBatches(await PgliteStore.open(db), events.slice(3), 1)
  expect(second.cursor(LOG)?.position).toBe(events.length)
  expect(first.cursor(LOG)?.position).toBe(3)
  expect(await rowsIn(store)).toEqual(foldRows(events))
  expect(await store.events(LOG, 0, 100)).toEqual(events)
})

test('[EV-6] rebuilding from the events in the store gives the same rows, in memory and in PGlite', async () => {
  await fc.assert(
    fc.asyncProperty(deeds, async (story) => {
      const { events } = play(story).log
      for (const store of [new MemoryStore(), await emptyPglite()]) {
        await applyInBatches(store, events, 7)
        const kept = await rowsIn(store)
        const stored = await store.events(LOG, 0, 10_000)
        await store.beginRebuild()
        expect((await rowsIn(store)).size).toBe(0)
        await applyInBatches(store, stored, 3)
        expect(await rowsIn(store)).toEqual(kept)
      }
    }),
    { numRuns: 8 },
  )
})

test('[LF-1] a batch that touches more rows than are kept in memory changes all of them', async () => {
  const many = 4_500
  const event = (position: number, type: string, data: Record<string, unknown>): RecordedEvent => ({
    id: `e${position}` as EventId,
    log: workspaceLog('w'),
    stream: sessionStream('s'),
    type,
    schemaVersion: 1,
    actor: { kind: 'user', id: 'mara' },
    causationId: '',
    correlationId: '',
    occurredAt: position,
    data,
    position,
    streamVersion: position,
    recordedAt: position,
  })
  const created = event(1, 'session.created', {
    sessionId: 's',
    workspaceId: 'w',
    name: 'Long',
    namedBy: 'auto',
    mode: 'develop',
    provider: 'script',
    model: '',
    baseBranch: 'main',
    stepMode: 'auto',
  })
  const each = (from: number, type: string, text: string): RecordedEvent[] =>
    Array.from({ length: many }, (_, n) => event(from + n, type, { messageId: `m${n}`, text }))
  const queued = each(2, 'message.queued', 'a')
  const edited = each(2 + many, 'message.edited', 'b')
  const store = new MemoryStore()
  for (const events of [[created], queued, edited]) await applyInBatches(store, events, many)
  const rows = (await store.all('items')) as unknown as readonly { row: { text: string } }[]
  expect(rows.filter(({ row }) => row.text === 'b')).toHaveLength(many)
})
