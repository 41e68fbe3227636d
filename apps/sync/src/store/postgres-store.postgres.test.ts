import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { NotifyBus } from '../bus/notify-bus.ts'
import { append, row } from '../testing/append.ts'
import { freshDataFolder, type TestPlace } from '../testing/data-folder.ts'
import { openStore } from './open-store.ts'
import { readAddress } from './postgres-address.ts'
import type { RunningStore } from './running-store.ts'

let place: TestPlace
let store: RunningStore
const reports: unknown[] = []
beforeEach(async () => {
  reports.length = 0
  place = await freshDataFolder()
  store = await openStore(place)
})
afterEach(async () => {
  await store.close()
  await place.remove()
})

/** How far the write-ahead log is written, and how far it is on disk. */
async function logged(): Promise<{ written: string; flushed: string }> {
  const { rows } = await store.query(
    'select pg_current_wal_insert_lsn()::text as written, pg_current_wal_flush_lsn()::text as flushed',
    [],
  )
  return rows[0] as { written: string; flushed: string }
}

test('[SY-1] a commit is on disk before it is acknowledged, also where the database would not insist', async () => {
  const { rows } = await store.query('select current_database() as name', [])
  await store.query(`alter database ${String(rows[0]?.['name'])} set synchronous_commit = off`, [])
  await store.close()
  store = await openStore({ ...place, report: (error) => reports.push(error) })
  const { no } = await store.openLog('workspace:w')
  for (let head = 0; head < 20; head += 1) {
    expect(await append(store, no, head, [row(head + 1)])).toBe('stored')
    const { rows: one } = await store.query(`select current_setting('synchronous_commit') as commit`, [])
    expect(one[0]?.['commit']).toBe('on')
    const { written, flushed } = await logged()
    expect(flushed).toBe(written)
  }
})

test('servers that start at once make the tables once', async () => {
  await store.query('drop schema public cascade', [])
  await store.query('create schema public', [])
  const places = Array.from({ length: 4 }, (_, n) => ({ ...place, dataFolder: `${place.folder}/${n}` }))
  const stores = await Promise.all(places.map((one) => openStore(one)))
  const heads = await Promise.all(stores.map((one) => one.openLog('workspace:w')))
  expect(new Set(heads.map(({ epoch }) => epoch)).size).toBe(1)
  await Promise.all(stores.map((one) => one.close()))
})

test('the bus carries texts of any length, and connects again by itself', async () => {
  const { databaseUrl = '' } = place
  const config = readAddress(databaseUrl)
  const [here, there] = [
    new NotifyBus(config, (error) => reports.push(error)),
    new NotifyBus(config, (error) => reports.push(error)),
  ]
  await Promise.all([here.open(), there.open()])
  const got: string[] = []
  there.listen('t', (text) => got.push(text))
  const long = JSON.stringify({ text: '語😀'.repeat(30_000) })
  here.publish('t', 'short')
  here.publish('t', long)
  here.publish('other', 'not for us')
  await expect.poll(() => got).toEqual(['short', long])

  let connected = 0
  there.onConnect(() => (connected += 1))
  await store.query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'coppice bus'`, [])
  await expect.poll(() => connected).toBe(1)
  expect(String(reports[0])).toContain('cannot be told of news for the moment')
  await expect
    .poll(async () => {
      here.publish('t', 'again')
      await pause(50)
      return got.at(-1)
    })
    .toBe('again')
  await Promise.all([here.close(), there.close()])
})
