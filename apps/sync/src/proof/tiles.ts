import { HASH_BYTES, type Hash } from '@coppice/events'
import type { QueryStore } from '../sign-in/store-dialect.ts'

/** So many neighbouring hashes of a level are kept together. */
export const TILE_LEVELS = 8
export const TILE_HASHES = 2 ** TILE_LEVELS

/** Where the complete tiles of one log's tree are kept. They never change; they can be made again from the events. */
export interface Tiles {
  /** How many there are on each level, from the lowest. */
  counts(): Promise<readonly number[]>
  /** Tiles `from … to - 1` of a level, in order. */
  read(level: number, from: number, to: number): Promise<readonly (readonly Hash[])[]>
  write(level: number, tile: number, hashes: readonly Hash[]): Promise<void>
}

/** The tiles of one log's tree in the database. */
export class TileTable implements Tiles {
  readonly #store: QueryStore
  readonly #logNo: number

  constructor(store: QueryStore, logNo: number) {
    this.#store = store
    this.#logNo = logNo
  }

  async counts(): Promise<readonly number[]> {
    const { rows } = await this.#store.query(
      'select level, count(*)::int as tiles from tree_tiles where log_no = $1 group by level order by level',
      [this.#logNo],
    )
    return rows.map((row) => Number(row['tiles']))
  }

  async read(level: number, from: number, to: number): Promise<readonly (readonly Hash[])[]> {
    const { rows } = await this.#store.query(
      'select hashes from tree_tiles where log_no = $1 and level = $2 and tile >= $3 and tile < $4 order by tile',
      [this.#logNo, level, from, to],
    )
    return rows.map((row) => split(row['hashes'] as Uint8Array))
  }

  async write(level: number, tile: number, hashes: readonly Hash[]): Promise<void> {
    await this.#store.query('insert into tree_tiles values ($1, $2, $3, $4) on conflict do nothing', [
      this.#logNo,
      level,
      tile,
      Buffer.concat([...hashes]),
    ])
  }
}

function split(bytes: Uint8Array): Hash[] {
  const hashes: Hash[] = []
  for (let at = 0; at < bytes.length; at += HASH_BYTES) hashes.push(bytes.slice(at, at + HASH_BYTES))
  return hashes
}
