import { newId } from '@coppice/events'
import { afterEach, beforeEach, expect, inject, test } from 'vitest'
import { freshDataFolder, type TestPlace } from '../testing/data-folder.ts'
import { append, row } from '../testing/append.ts'
import { openStore } from './open-store.ts'
import type { RunningStore } from './running-store.ts'

let folder: TestPlace
let store: RunningStore
beforeEach(async () => {
  folder = await freshDataFolder()
  store = await openStore(folder)
})
afterEach(async () => {
  await store.close()
  await folder.remove()
})

const receipt = (id: string, refusal: string | null = null) => ({ c: id, h: 'hash', p: 1, r: refusal })

test(`[SY-2] these tests run on ${inject('postgres') === undefined ? 'PGlite in the data folder' : 'PostgreSQL'}`, async () => {
  const { rows } = await store.query('select version() as version', [])
  expect(rows[0]?.['version']).toMatch(/^PostgreSQL/)
  const { rows: files } = await store.query("select current_setting('data_directory') as folder", [])
  expect(String(files[0]?.['folder']) === '/pglite/data').toBe(inject('postgres') === undefined)
})

test('[SY-1] an append is whole or not at all: an id that is taken undoes events, receipts and head', async () => {
  const { no } = await store.openLog('workspace:w')
  await append(store, no, 0, [row(1)], [receipt('c1')])
  const repeated = [row(2), row(3, { i: 'e1' })]
  expect(await append(store, no, 1, repeated, [receipt('c2')])).toBe('taken')
  expect(await append(store, no, 1, [row(2)], [receipt('c1')])).toBe('taken')
  expect(await store.readLog(no, 0, 10)).toEqual({ bodies: [row(1).body], head: 1 })
  expect(await store.findReceipts(['c1', 'c2'])).toHaveLength(1)
})

test('[SY-1] a command is answered once, whether it made events or none', async () => {
  const { no } = await store.openLog('workspace:w')
  const made = row(1, { i: 'c1.0', h: 'hash', n: 2 })
  await append(store, no, 0, [made, row(2, { i: 'c1.1' })], [receipt('c2', '{}')])
  expect(await append(store, no, 2, [], [receipt('c1', '{}')])).toBe('taken')
  expect(await append(store, no, 2, [row(3, { i: 'c2.0', h: 'hash', n: 1 })])).toBe('taken')
  expect(await store.findReceipts(['c1', 'c2', 'c3'])).toEqual([
    { commandId: 'c2', content: 'hash', from: 2, to: 1, refusal: '{}' },
    { commandId: 'c1', content: 'hash', from: 1, to: 2, refusal: null },
  ])
})

test('an append by a writer whose head is out of date writes nothing and says so', async () => {
  const { no } = await store.openLog('workspace:w')
  await append(store, no, 0, [row(1)])
  expect(await append(store, no, 0, [row(1, { i: 'x' })], [receipt('c')])).toBe('moved')
  expect((await store.openLog('workspace:w')).head).toBe(1)
  expect(await store.findReceipts(['c'])).toEqual([])
})

test('[EV-8] bodies are kept byte for byte: NUL, odd characters, numbers that jsonb would rewrite', async () => {
  const { no } = await store.openLog('workspace:w')
  const bodies = [
    '{"a":"\\u0000"}',
    '{"n":1e-7,"z":10000000000000000000000}',
    '{"t":"a\u2028b😀\\ud800"}',
    '{"b":1,"a":2}',
  ]
  const events = bodies.map((body, index) => row(index + 1, { body }))
  await append(store, no, 0, events)
  expect((await store.readLog(no, 0, 10)).bodies).toEqual(bodies)
})

test('what was stored is there after the folder is opened again, and the epoch is the same', async () => {
  const log = await store.openLog('workspace:w')
  await append(store, log.no, 0, [row(1), row(2)], [receipt('c1')])
  await store.close()
  store = await openStore(folder)
  expect(await store.openLog('workspace:w')).toEqual({ ...log, head: 2 })
  expect((await store.readLog(log.no, 1, 10)).bodies).toEqual([row(2).body])
  expect(await store.readStream(log.no, 'session/s')).toHaveLength(2)
})

test('a producer epoch is higher each time, over restarts too', async () => {
  expect(await store.nextEpoch('r1')).toBe(1)
  expect(await store.nextEpoch('r1')).toBe(2)
  await store.close()
  store = await openStore(folder)
  expect(await store.nextEpoch('r1')).toBe(3)
  expect(await store.nextEpoch(newId())).toBe(1)
})

test('the folder of a running store cannot be opened a second time', async () => {
  await expect(openStore(folder)).rejects.toThrow(/in use by process/)
})

test('a producer of an older epoch is fenced by the store, whatever the writer thinks', async () => {
  const { no } = await store.openLog('workspace:w')
  expect(await store.nextEpoch('r1')).toBe(1)
  expect(await append(store, no, 0, [row(1)], [], [{ i: 'r1', e: 1 }])).toBe('stored')
  expect(await store.nextEpoch('r1')).toBe(2)
  expect(await append(store, no, 1, [row(2)], [], [{ i: 'r1', e: 1 }])).toBe('fenced')
  expect(await append(store, no, 1, [row(2)], [], [{ i: 'unheard of', e: 1 }])).toBe('fenced')
  expect(await store.epochsOf(['r1', 'r2'])).toEqual([{ id: 'r1', epoch: 2 }])
  expect((await store.openLog('workspace:w')).head).toBe(1)
})
