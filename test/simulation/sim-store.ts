import { createHash } from 'node:crypto'
import { canonicalText } from '@coppice/events'
import type { DerivedTables } from '../../apps/sync/src/log/derived-tables.ts'
import type { HeaderRecord } from '../../apps/sync/src/headers/stored-headers.ts'
import type { Append } from '../../apps/sync/src/store/event-store.ts'
import type { RoomRecords } from '../../apps/sync/src/rooms/room-store.ts'
import type { RunningStore } from '../../apps/sync/src/store/running-store.ts'
import type { Disk } from './disk.ts'
import type { Scheduler } from './scheduler.ts'

/** What the simulated disk and a real store have in common. */
const METHODS = [
  'openLog',
  'heads',
  'append',
  'readLog',
  'readStream',
  'findEvents',
  'findReceipts',
  'nextEpoch',
  'epochsOf',
] as const
type Method = (typeof METHODS)[number]

/** A call of a server's, on its way to the disk, or its answer on the way back. */
interface Call {
  readonly what: string
  /** Whether it has to wait for another server. */
  readonly waits?: () => boolean
  readonly run: () => unknown
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
  answer?: { readonly value: unknown } | { readonly error: Error }
}

/**
 * One server's way to the disk. Each call is two steps, taken when the scheduler says so: it is done, and its answer
 * arrives. A crash in between leaves it done and unanswered. Calls are done in the order they were made.
 */
export class SimStore {
  readonly #disk: Disk
  readonly #actor: string
  readonly #real: RunningStore | undefined
  readonly #asked: Call[] = []
  readonly #answered: Call[] = []
  readonly #remove: () => void
  #dead = false
  /** The next appends fail, as on a full disk. */
  failing = 0

  /** @param real a store that does all of it as well: the disk is then the model that it is held against. */
  constructor(disk: Disk, actor: string, scheduler: Scheduler, real?: RunningStore) {
    this.#disk = disk
    this.#real = real
    this.#actor = actor
    const removes = [
      scheduler.add({ ready: () => this.#next(this.#asked, 'disk does'), happen: () => this.#do() }),
      scheduler.add({ ready: () => this.#next(this.#answered, 'disk answers'), happen: () => this.#answer() }),
    ]
    this.#remove = () => removes.forEach((remove) => remove())
  }

  /** The server has crashed: what it asked for and was not done is never done, and nobody is there to be answered. */
  crash(): void {
    this.#dead = true
    for (const [no, holder] of this.#disk.turns) if (holder === this.#actor) this.#disk.turns.delete(no)
    this.#remove()
  }

  /** The store as the server sees it. */
  running(shared: boolean): RunningStore {
    const disk = this.#disk
    const methods = Object.fromEntries(
      METHODS.map((name) => [
        name,
        (...args: unknown[]) => this.#call(name, () => this.#both(name, args), this.#waits(name, args)),
      ]),
    ) as unknown as Pick<RunningStore, Method>
    return {
      ...methods,
      shared,
      failed: new Promise<Error>(() => undefined),
      close: async () => undefined,
      exclusively: (work) => work(),
      query: (sql, [no]) =>
        this.#call('query', () => {
          if (sql.startsWith('update logs set epoch')) disk.beginEpoch(Number(no))
          return { rows: [], affectedRows: 0 }
        }),
      takeTurn: (no) =>
        this.#call(
          'takeTurn',
          () => {
            disk.turns.set(no, this.#actor)
            return () => void (disk.turns.get(no) === this.#actor && disk.turns.delete(no))
          },
          () => disk.turns.has(no),
        ),
    }
  }

  /** Done on the simulated disk and, where there is one, on the real store: both must say the same. */
  #both(name: Method, args: readonly unknown[]): unknown {
    if (name === 'append') this.#unlessFull(() => undefined)
    const of = (target: object): unknown =>
      (Reflect.get(target, name) as (...args: unknown[]) => unknown).apply(target, [...args])
    const simulated = of(this.#disk)
    if (this.#real === undefined) return simulated
    return Promise.resolve(of(this.#real)).then((real) => {
      const [one, other] = [comparable(simulated), comparable(real)]
      if (one !== other)
        throw new Error(`${name} gave ${other.slice(0, 500)} on the real store, not ${one.slice(0, 500)}`)
      return simulated
    })
  }

  /** An append waits while another server has the log's turn. */
  #waits(name: Method, [batch]: readonly unknown[]): (() => boolean) | undefined {
    if (name !== 'append') return undefined
    const { inTurn, logNo } = batch as Append
    return () => !inTurn && this.#disk.turns.has(logNo)
  }

  /** Where Yjs documents are kept: on the same disk. */
  rooms(): RoomRecords {
    const disk = this.#disk
    return {
      open: (name) => this.#call('room', () => disk.openRoom(name)),
      heads: (rooms) => this.#call('room', () => disk.roomHeads(rooms)),
      read: (room, after) => this.#call('room', () => disk.readRoom(room, after)),
      append: (updates) => this.#call('room', () => this.#unlessFull(() => disk.appendToRooms(updates))),
      compact: (room, upto, bytes) => this.#call('room', () => disk.compactRoom(room, upto, bytes)),
    }
  }

  #unlessFull<T>(write: () => T): T {
    if (this.failing > 0) {
      this.failing -= 1
      throw new Error('disk full')
    }
    return write()
  }

  /** Where what is computed from a log is kept: on the same disk. */
  tables(no: number): DerivedTables {
    const disk = this.#disk
    const headers = (): Map<string, HeaderRecord> => {
      const known = disk.headers.get(no) ?? new Map<string, HeaderRecord>()
      disk.headers.set(no, known)
      return known
    }
    const heads = (): Map<number, string> => {
      const known = disk.treeHeads.get(no) ?? new Map<number, string>()
      disk.treeHeads.set(no, known)
      return known
    }
    return {
      tiles: {
        counts: () =>
          this.#call('tiles', () => {
            const counts: number[] = []
            for (const name of disk.tiles.keys()) {
              const [log, level = 0] = name.split('/').map(Number)
              if (log === no) counts[level] = (counts[level] ?? 0) + 1
            }
            return counts
          }),
        read: (level, from, to) =>
          this.#call('tiles', () => {
            const found: (readonly Uint8Array[])[] = []
            for (let tile = from; tile < to; tile += 1) {
              const hashes = disk.tiles.get(`${no}/${level}/${tile}`)
              if (hashes) found.push(hashes)
            }
            return found
          }),
        write: (level, tile, hashes) =>
          this.#call('tiles', () => void disk.tiles.set(`${no}/${level}/${tile}`, [...hashes])),
      },
      heads: {
        newest: () => this.#call('heads', () => [...heads()].toSorted(([a], [b]) => b - a)[0]?.[1]),
        keep: (size, head) => this.#call('heads', () => void (heads().has(size) || heads().set(size, head))),
      },
      headers: {
        one: (stream) => this.#call('headers', () => headers().get(stream)),
        page: (after, _projection, limit) =>
          this.#call('headers', () =>
            [...headers().values()]
              .filter(({ stream }) => stream > after)
              .toSorted((a, b) => (a.stream < b.stream ? -1 : 1))
              .slice(0, limit),
          ),
        write: (records) =>
          this.#call('headers', () => {
            for (const record of records)
              if ((headers().get(record.stream)?.version ?? 0) < record.version) headers().set(record.stream, record)
          }),
      },
    }
  }

  #call<T>(what: string, run: () => T | Promise<T>, waits?: () => boolean): Promise<T> {
    if (this.#dead) return new Promise<T>(() => undefined)
    return new Promise<T>((resolve, reject) => {
      this.#asked.push({ what, run, resolve: (value) => resolve(value as T), reject, ...(waits && { waits }) })
    })
  }

  #next(calls: readonly Call[], verb: string): { actor: string; what: string } | undefined {
    const call = calls[0]
    if (!call || (call.answer === undefined && call.waits?.())) return undefined
    return { actor: this.#actor, what: `${verb} ${call.what}` }
  }

  async #do(): Promise<void> {
    const call = this.#asked.shift()
    if (!call) return
    try {
      call.answer = { value: await call.run() }
    } catch (error) {
      call.answer = { error: error instanceof Error ? error : new Error(String(error)) }
    }
    this.#answered.push(call)
  }

  #answer(): void {
    const call = this.#answered.shift()
    if (!call?.answer) return
    if ('error' in call.answer) call.reject(call.answer.error)
    else call.resolve(call.answer.value)
  }
}

/** An answer without what may differ: epochs, and the order of what was looked up. */
function comparable(answer: unknown): string {
  if (Array.isArray(answer))
    return answer
      .map((one) => canonicalText(one))
      .toSorted()
      .join()
  const { epoch: _epoch, ...rest } = Object(answer) as Record<string, unknown>
  return typeof answer === 'object' && answer !== null ? canonicalText(rest) : String(answer)
}

/** One line for a state, to compare runs by. */
export const digestOf = (lines: readonly string[]): string =>
  createHash('sha256').update(lines.join('\n')).digest('hex')
