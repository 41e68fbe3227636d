import { peaksAt, TreeEdge, type Hash, type Subtree } from '@coppice/events'
import type { Commit } from '../log/log-writer.ts'
import { RecentMap } from '../log/recent-map.ts'
import type { Store } from '../store/store-calls.ts'
import { LIMITS } from '../limits.ts'
import { leafOf, nodeOf } from './leaf.ts'
import { TILE_HASHES, TILE_LEVELS, type Tiles } from './tiles.ts'

/** The log whose tree this is: a part of its writer. */
export interface TreeSource {
  readonly no: number
  readonly head: number
}

/** Hashes of the last, incomplete tile of each level, lowest level first. */
type Partials = Hash[][]

/**
 * The Merkle tree of one log (RFC 6962) over its stored bytes. It follows the log at a short distance: complete tiles are
 * written behind, the rest is made again from the events at a start. Answers wait until the tree is as far as they need.
 */
export class LogTree {
  readonly #store: Pick<Store, 'readLog'>
  readonly #log: TreeSource
  readonly #tiles: Tiles
  readonly #partials: Partials = [[]]
  readonly #recent = new RecentMap<string, readonly Hash[]>(LIMITS.treeTilesInMemory)
  #edge: TreeEdge | undefined
  #work: Promise<void> = Promise.resolve()
  #unwritten: { level: number; tile: number; hashes: readonly Hash[] }[] = []

  constructor(store: Pick<Store, 'readLog'>, tiles: Tiles, log: TreeSource) {
    this.#store = store
    this.#log = log
    this.#tiles = tiles
    if (log.head === 0) this.#edge = new TreeEdge(0, [], nodeOf)
  }

  /** A commit of this log. Cheap where the tree is up to date; otherwise it reads on when next asked. */
  committed(commit: Commit): void {
    if (this.#edge === undefined) {
      // From here on it keeps up: who asks for a root later need not wait for all of the log to be read.
      // If that fails nothing is lost: whoever asks reads on, and is told.
      void this.#reach(commit.to).catch(() => undefined)
      return
    }
    if (this.#edge.size !== commit.from) return
    for (const text of commit.texts) this.#append(leafOf(text))
    // What could not be written stays to be written with the next; whoever asks for the tree then is told.
    if (this.#unwritten.length > 0) void this.#inTurn(() => this.#write()).catch(() => undefined)
  }

  /** The edge of the tree over the first `size` events. Rejects if the log has fewer. */
  async edgeAt(size: number): Promise<TreeEdge> {
    return new TreeEdge(size, await this.compute(size, (subtree) => peaksAt(size, subtree)))
  }

  async rootAt(size: number): Promise<Hash> {
    return (await this.edgeAt(size)).root()
  }

  /**
   * Runs a pure computation over complete subtrees of the first `size` events: once to learn which hashes it wants, and
   * once they are in memory, for its answer.
   */
  async compute<T>(size: number, of: (subtree: Subtree) => T): Promise<T> {
    await this.#reach(size)
    const wanted = new Map<string, { level: number; tile: number }>()
    of((level, index) => {
      const place = placeOf(level, index)
      wanted.set(`${place.level}/${place.tile}`, place)
      return NO_HASH
    })
    const tiles = new Map<string, readonly Hash[]>()
    for (const [name, { level, tile }] of wanted) tiles.set(name, await this.#tile(level, tile))
    return of((level, index) => {
      const { level: tileLevel, tile, from, count } = placeOf(level, index)
      const hashes = tiles.get(`${tileLevel}/${tile}`)?.slice(from, from + count) ?? []
      if (hashes.length !== count) throw new Error(`The tree of log ${this.#log.no} lacks hashes of level ${level}.`)
      return completeRoot(hashes)
    })
  }

  /** Settles when all complete tiles are on disk. */
  async flush(): Promise<void> {
    await this.#inTurn(() => this.#write())
  }

  #append(leaf: Hash): void {
    this.#edge?.append(leaf)
    let hash = leaf
    for (let level = 0; ; level += 1) {
      const partial = (this.#partials[level] ??= [])
      partial.push(hash)
      if (partial.length < TILE_HASHES) return
      const done = Math.floor((this.#edge?.size ?? 0) / TILE_HASHES ** (level + 1)) - 1
      this.#unwritten.push({ level, tile: done, hashes: partial })
      this.#partials[level] = []
      hash = completeRoot(partial)
    }
  }

  async #tile(level: number, tile: number): Promise<readonly Hash[]> {
    const fresh = this.#unwritten.find((one) => one.level === level && one.tile === tile)
    if (fresh) return fresh.hashes
    const complete = Math.floor((this.#edge?.size ?? 0) / TILE_HASHES ** (level + 1))
    if (tile >= complete) return this.#partials[level] ?? []
    const name = `${level}/${tile}`
    const known = this.#recent.get(name)
    if (known) return known
    const [read] = await this.#tiles.read(level, tile, tile + 1)
    if (!read) throw new Error(`Tile ${name} of the tree of log ${this.#log.no} is missing.`)
    this.#recent.set(name, read)
    return read
  }

  /** Brings the tree to at least `size` events. */
  async #reach(size: number): Promise<void> {
    if ((this.#edge?.size ?? -1) >= size) return
    await this.#inTurn(async () => {
      this.#edge ??= await this.#load()
      while (this.#edge.size < size) {
        const from = this.#edge.size
        const { bodies } = await this.#store.readLog(this.#log.no, from, LIMITS.treeReadEvents)
        if (bodies.length === 0) throw new RangeError(`Log ${this.#log.no} has no ${size} events.`)
        // A commit may have appended them meanwhile.
        if (this.#edge.size !== from) continue
        for (const body of bodies) this.#append(leafOf(body))
        await this.#write()
      }
    })
  }

  /** The tree as the tiles on disk have it. */
  async #load(): Promise<TreeEdge> {
    const counts = [...(await this.#tiles.counts())]
    const leaves = (counts[0] ?? 0) * TILE_HASHES
    for (let level = 1; (counts[level - 1] ?? 0) > 0; level += 1) {
      let complete = counts[level] ?? 0
      const below = await this.#tiles.read(level - 1, complete * TILE_HASHES, counts[level - 1] ?? 0)
      const roots = below.map(completeRoot)
      // A stop between two writes may have left a tile out.
      while (roots.length >= TILE_HASHES) {
        await this.#tiles.write(level, complete, roots.splice(0, TILE_HASHES))
        complete += 1
      }
      this.#partials[level] = roots
      counts[level] = complete
    }
    const peaks = this.#partials.toReversed().flatMap((roots) => foldPeaks(roots))
    return new TreeEdge(leaves, peaks, nodeOf)
  }

  async #write(): Promise<void> {
    for (let next = this.#unwritten[0]; next !== undefined; next = this.#unwritten[0]) {
      await this.#tiles.write(next.level, next.tile, next.hashes)
      this.#unwritten.shift()
    }
  }

  #inTurn(step: () => Promise<void>): Promise<void> {
    const done = this.#work.then(step, step)
    // Its caller is told; the next step is not for that one's error.
    this.#work = done.catch(() => undefined)
    return done
  }
}

const NO_HASH: Hash = new Uint8Array(32)

/** In which tile the hashes below a subtree's root lie. */
function placeOf(level: number, index: number): { level: number; tile: number; from: number; count: number } {
  const tileLevel = Math.floor(level / TILE_LEVELS)
  const count = 2 ** (level % TILE_LEVELS)
  const first = index * count
  return { level: tileLevel, tile: Math.floor(first / TILE_HASHES), from: first % TILE_HASHES, count }
}

/** The root over a power of two of neighbours. */
function completeRoot(hashes: readonly Hash[]): Hash {
  let row = hashes
  while (row.length > 1) {
    const above: Hash[] = []
    for (let at = 0; at + 1 < row.length; at += 2) above.push(nodeOf(row[at] ?? NO_HASH, row[at + 1] ?? NO_HASH))
    row = above
  }
  return row[0] ?? NO_HASH
}

/** The complete subtrees that less than a tile of neighbours fall into, largest first. */
function foldPeaks(hashes: readonly Hash[]): Hash[] {
  const edge = new TreeEdge()
  for (const hash of hashes) edge.append(hash)
  return [...edge.peaks]
}
