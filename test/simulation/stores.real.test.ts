import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { openStore } from '../../apps/sync/src/store/open-store.ts'
import type { RunningStore } from '../../apps/sync/src/store/running-store.ts'
import { freshDataFolder, type TestPlace } from '../../apps/sync/src/testing/data-folder.ts'
import { runSimulation } from './run-simulation.ts'

const SEEDS = Number(process.env['COPPICE_STORE_SEEDS'] ?? 10)

let place: TestPlace
let store: RunningStore
beforeAll(async () => {
  place = await freshDataFolder()
  store = await openStore(place)
})
afterAll(async () => {
  await store.close()
  await place.remove()
})

test(`[RL-1, SY-2] simulated worlds on ${inject('postgres') === undefined ? 'PGlite' : 'PostgreSQL'}: in all that happens the store answers as the model of a disk does`, async () => {
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    await store.query('truncate logs, events, receipts, producers restart identity', [])
    const { events } = await runSimulation(seed, store)
    const { rows } = await store.query(
      'select count(*)::int as events from events join logs on logs.no = log_no where logs.id = $1',
      ['workspace:w'],
    )
    expect(rows).toEqual([{ events }])
  }
}, 600_000)
