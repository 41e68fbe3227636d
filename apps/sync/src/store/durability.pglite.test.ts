import { afterEach, beforeEach, expect, test } from 'vitest'
import { append, row } from '../testing/append.ts'
import { freshDataFolder, type TestPlace } from '../testing/data-folder.ts'
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

const syncs = async (): Promise<number> => {
  if (store.syncs === undefined) throw new Error('this store does not count its syncs')
  return store.syncs()
}

test('[SY-1] a commit is on disk before it is acknowledged: one sync each, none left out', async () => {
  const { no } = await store.openLog('workspace:w')
  for (let head = 0; head < 50; head += 1) {
    const before = await syncs()
    expect(await append(store, no, head, [row(head + 1)])).toBe('stored')
    expect((await syncs()) - before).toBe(1)
  }
})

test('a thousand events in one commit cost one sync', async () => {
  const { no } = await store.openLog('workspace:w')
  const events = Array.from({ length: 1_000 }, (_, index) => row(index + 1))
  const before = await syncs()
  await append(store, no, 0, events)
  // A few more where a new segment of the write-ahead log begins.
  expect((await syncs()) - before).toBeLessThanOrEqual(4)
})
