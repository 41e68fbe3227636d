import { PGlite } from '@electric-sql/pglite'
import { PROJECTION_VERSION, type AnyRow } from '@coppice/events'
import { foldRows, play, type Deed } from '@coppice/events/testing'
import { expect, test } from 'vitest'
import { ConfirmedState } from './confirmed.ts'
import { Home } from './home.ts'
import { inMemory, isOlder } from './older-store.ts'
import { PgliteStore } from './pglite-store.ts'
import { rebuild } from './rebuild.ts'
import type { Store } from './store.ts'
import { WITNESS_NOTE } from './witness.ts'

const LOG = 'workspace:w'
const deed = (what: string, text: string): Deed => ({ what, session: 0, pick: 0, text })
const { events } = play([deed('create', 'a'), deed('ready', 'a'), deed('send', 'hello'), deed('rename', 'b')]).log

async function rowsIn(store: Store): Promise<Map<string, AnyRow>> {
  const rows = new Map<string, AnyRow>()
  for (const table of ['sessions', 'items'] as const)
    for (const { key, row } of await store.all(table)) rows.set(`${table} ${key}`, row)
  return rows
}

/** A database as older code left it: its rows are not those of this code. */
async function olderDatabase(): Promise<PGlite> {
  const db = await PGlite.create()
  const store = await PgliteStore.open(db)
  await rebuild(store)
  await (await ConfirmedState.load(store)).apply({ log: LOG, epoch: 'e', position: events.length }, events)
  await store.keepNote(WITNESS_NOTE, 'what was seen of the log')
  await db.query('update meta set value = $1', [String(PROJECTION_VERSION - 1)])
  await db.query(`update sessions set body = '{"name": "as older code wrote it"}'`)
  return db
}

/** Stays open where a store closes it, as a file does. */
const lasting = (db: PGlite): PGlite =>
  new Proxy(db, {
    get(target, name) {
      if (name === 'close') return async () => undefined
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })

test('[LF-7] what older code kept is folded anew in memory, with the heads that were seen; on the disk it stays as it was', async () => {
  const db = await olderDatabase()
  const older = await PgliteStore.open(lasting(db))
  expect(await isOlder(older)).toBe(true)
  const memory = await inMemory(older)
  expect(await isOlder(memory)).toBe(false)
  expect(await rowsIn(memory)).toEqual(foldRows(events))
  expect(await memory.note(WITNESS_NOTE)).toBe('what was seen of the log')
  expect((await memory.cursors()).map(({ position }) => position)).toEqual([events.length])

  const untouched = await PgliteStore.open(db)
  expect(await untouched.projectionVersion()).toBe(PROJECTION_VERSION - 1)
  expect([...(await rowsIn(untouched)).values()][0]).toEqual({ name: 'as older code wrote it' })
  await untouched.close()
})

test('[LF-7] a new database takes the place of the older one when all is in it, and not before', async () => {
  const db = await olderDatabase()
  const memory = await inMemory(await PgliteStore.open(db))
  const home = await Home.open(memory, 'u')
  const target = await PgliteStore.open(await PGlite.create())
  const told: string[] = []
  await home.moveTo(
    target,
    {
      alone: (work) => work(),
      follow: async () => void told.push('followed'),
      became: (storage) => void told.push(storage),
    },
    async () => {
      expect(await rowsIn(target)).toEqual(foldRows(events))
      expect((await target.cursors()).map(({ position }) => position)).toEqual([events.length])
      told.push('copied')
    },
  )
  expect(told).toEqual(['followed', 'copied', 'persistent'])
  await target.close()
})

test('an empty store and one of this code are not older', async () => {
  const store = await PgliteStore.open(await PGlite.create())
  expect(await isOlder(store)).toBe(false)
  await rebuild(store)
  await (await ConfirmedState.load(store)).apply({ log: LOG, epoch: 'e', position: events.length }, events)
  expect(await isOlder(store)).toBe(false)
  await store.close()
})
