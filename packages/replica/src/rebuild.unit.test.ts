import { PGlite } from '@electric-sql/pglite'
import { PROJECTION_VERSION, type AnyRow } from '@coppice/events'
import { foldRows, play, type Deed } from '@coppice/events/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ConfirmedState } from './confirmed.ts'
import { MemoryStore } from './memory-store.ts'
import { PgliteStore } from './pglite-store.ts'
import { EVENTS_AT_ONCE, rebuild } from './rebuild.ts'
import { parseQuery } from './search/query.ts'
import type { Batch, Store } from './store.ts'

const LOG = 'workspace:w'
let db: PGlite
beforeAll(async () => {
  db = await PGlite.create()
})
afterAll(() => db.close())

const deed = (what: string, text: string): Deed => ({ what, session: 0, pick: 0, text })
const { events } = play([
  deed('create', 'a'),
  deed('ready', 'a'),
  ...Array.from({ length: 1.1 * EVENTS_AT_ONCE }, (_, n) => deed('rename', `name ${n}`)),
  deed('send', 'find the needle'),
]).log

async function rowsIn(store: Store): Promise<Map<string, AnyRow>> {
  const rows = new Map<string, AnyRow>()
  for (const table of ['sessions', 'items'] as const)
    for (const { key, row } of await store.all(table)) rows.set(`${table} ${key}`, row)
  return rows
}

/** A store whose program ends after so many batches. */
function endingAfter(store: Store, batches: number): Store {
  let left = batches
  return new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      if (name !== 'apply') return value.bind(target)
      return async (batch: Batch) => {
        left -= 1
        if (left < 0) throw new Error('The program ended.')
        await target.apply(batch)
      }
    },
  })
}

test('[LF-5, LF-7] a rebuild that is broken off anywhere is begun again, and ends with every row once', async () => {
  expect(events.length).toBeGreaterThan(EVENTS_AT_ONCE)
  for (const make of [async () => new MemoryStore(), () => PgliteStore.open(db)]) {
    for (let batches = 0; batches < 3; batches += 1) {
      const store = await make()
      await store.eraseLog(LOG)
      await rebuild(store)
      const confirmed = await ConfirmedState.load(store)
      await confirmed.apply({ log: LOG, epoch: 'e', position: events.length }, events)
      await expect(rebuild(endingAfter(store, batches))).rejects.toThrow('The program ended.')
      expect(await store.projectionVersion()).toBe(undefined)

      await rebuild(store)
      expect(await store.projectionVersion()).toBe(PROJECTION_VERSION)
      expect(await rowsIn(store)).toEqual(foldRows(events))
      expect((await store.cursors()).map(({ position }) => position)).toEqual([events.length])
      expect(await store.search(parseQuery('needle'), 10, undefined)).toHaveLength(1)
    }
  }
})

test('[LF-5] a copy to another store that is broken off goes on from where it came to, without a hole', async () => {
  const source = new MemoryStore()
  await (await ConfirmedState.load(source)).apply({ log: LOG, epoch: 'e', position: events.length }, events)
  const target = new MemoryStore()
  await expect(rebuild(endingAfter(target, 1), source)).rejects.toThrow('The program ended.')
  await rebuild(target)
  const cursor = (await target.cursors())[0]
  expect(cursor?.position).toBe(EVENTS_AT_ONCE)
  expect(await rowsIn(target)).toEqual(foldRows(events.slice(0, EVENTS_AT_ONCE)))
})
