import {
  consistencyProof,
  hashText,
  inclusionProof,
  leafHash,
  TreeEdge,
  verifyConsistency,
  verifyInclusion,
} from '@coppice/events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openStore } from '../store/open-store.ts'
import type { RunningStore } from '../store/running-store.ts'
import { freshDataFolder } from '../testing/data-folder.ts'
import { leafOf } from './leaf.ts'
import { LogTree } from './log-tree.ts'
import { TILE_HASHES, TileTable } from './tiles.ts'

/** More than a tile of tiles, so that every level has a complete tile and a partial one. */
const SIZE = TILE_HASHES * TILE_HASHES + 3 * TILE_HASHES + 17
const body = (position: number): string => `{"position":${position}}`

let folder: Awaited<ReturnType<typeof freshDataFolder>>
let store: RunningStore
let no = 0
const roots = new Map<number, string>()

beforeAll(async () => {
  folder = await freshDataFolder()
  store = await openStore(folder)
  no = (await store.openLog('workspace:w')).no
  await store.query(
    `insert into events (log_no, position, id, stream, stream_version, body)
     select $1, n, 'e' || n, 'session/s', n, '{"position":' || n || '}' from generate_series(1, $2::int) as n`,
    [no, SIZE],
  )
  await store.query('update logs set head = $2 where no = $1', [no, SIZE])
  const edge = new TreeEdge()
  for (let position = 1; position <= SIZE; position += 1) {
    edge.append(leafOf(body(position)))
    roots.set(position, hashText(edge.root()))
  }
})
afterAll(async () => {
  await store.close()
  await folder.remove()
})

const open = (): LogTree => new LogTree(store, new TileTable(store, no), { no, head: SIZE })
const SIZES = [1, 2, 255, 256, 257, 1_000, 65_535, 65_536, 65_537, SIZE - 1, SIZE]

test('[AU-2] the tree of a log has the root of its stored bytes at every size, built anew or read from its tiles', async () => {
  expect(leafOf('abc')).toEqual(Buffer.from(leafHash('abc')))
  const built = open()
  for (const size of SIZES) expect(hashText(await built.rootAt(size)), `built, ${size}`).toBe(roots.get(size))
  const read = open()
  for (const size of SIZES) expect(hashText(await read.rootAt(size)), `read, ${size}`).toBe(roots.get(size))
  await expect(read.rootAt(SIZE + 1)).rejects.toThrow(RangeError)
})

test('[AU-2] its proofs hold', async () => {
  const tree = open()
  for (const earlier of [1, 300, 65_536, SIZE - 1]) {
    const proof = await tree.compute(SIZE, (subtree) => consistencyProof(earlier, SIZE, subtree))
    const [earlierRoot, root] = [await tree.rootAt(earlier), await tree.rootAt(SIZE)]
    expect(verifyConsistency({ earlier, earlierRoot, size: SIZE, root, proof })).toBe(true)
    const inclusion = await tree.compute(SIZE, (subtree) => inclusionProof(earlier - 1, SIZE, subtree))
    const leaf = leafOf(body(earlier))
    expect(verifyInclusion({ leaf, index: earlier - 1, size: SIZE, proof: inclusion, root })).toBe(true)
  }
})

test('a tile that a stop left out is made again', async () => {
  await open().rootAt(SIZE)
  await store.query('delete from tree_tiles where log_no = $1 and level = 1', [no])
  const tree = open()
  expect(hashText(await tree.rootAt(SIZE))).toBe(roots.get(SIZE))
  await tree.flush()
  const { rows } = await store.query('select count(*)::int as tiles from tree_tiles where log_no = $1 and level = 1', [
    no,
  ])
  expect(rows).toEqual([{ tiles: 1 }])
})
