import { PGlite } from '@electric-sql/pglite'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { RecordedEvent } from '@coppice/events'
import { PgliteStore } from './pglite-store.ts'

let db: PGlite
let store: PgliteStore

beforeEach(async () => {
  db = await PGlite.create()
  store = await PgliteStore.open(db)
})
afterEach(() => store.close())

/** What a start would have to read before the first row, bytes. */
async function replayed(): Promise<number> {
  const { rows } = await db.query<{ bytes: number }>(
    'select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), redo_lsn)::float8 as bytes from pg_control_checkpoint()',
  )
  return rows[0]?.bytes ?? Number.NaN
}

async function write(position: number, megabytes: number): Promise<void> {
  const text = Array.from({ length: 1_000 }, (_, n) => `${position} ${n} and so on, and what else is to be said of it.`)
  const events = Array.from({ length: megabytes * 20 }, (_, n) => ({
    position: position + n,
    data: { text: text.join('').slice(0, 50_000) },
  })) as unknown as readonly RecordedEvent[]
  await store.apply({
    cursor: { log: 'workspace:w', epoch: 'e', position: position + events.length },
    events,
    changes: [],
    states: [],
  })
}

test('what a start has to replay stays bounded, however much is written without a pause', async () => {
  let most = 0
  for (let n = 0; n < 12; n += 1) {
    await write(1 + n * 100, 2)
    most = Math.max(most, await replayed())
  }
  const { rows } = await db.query<{ written: number }>(
    "select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8 as written",
  )
  expect(most).toBeLessThan((rows[0]?.written ?? 0) / 2)
})

test('in a quiet moment nothing is left to replay', async () => {
  await write(1, 1)
  const before = await replayed()
  await vi.waitFor(async () => expect(await replayed()).toBeLessThan(before / 10), { timeout: 60_000, interval: 200 })
})
