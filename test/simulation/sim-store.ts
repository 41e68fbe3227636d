import { createHash } from 'node:crypto'
import type { LogId, RecordedEvent } from '@coppice/events'
import type { DerivedTables } from '../../apps/sync/src/log/derived-tables.ts'
import type { HeaderRecord } from '../../apps/sync/src/headers/stored-headers.ts'
import type { EventRow, ReceiptRow, StreamPart } from '../../apps/sync/src/store/event-store.ts'
import type { RunningStore } from '../../apps/sync/src/store/running-store.ts'
import type { Scheduler } from './scheduler.ts'

interface DiskLog {
  readonly no: number
  readonly id: string
  readonly epoch: string
  readonly bodies: string[]
}

/** What is on disk: it survives every crash, and several servers may share it. */
export class Disk {
  readonly logs: DiskLog[] = []
  readonly ids = new Map<string, { logNo: number; position: number; content?: string; count?: number }>()
  readonly receipts = new Map<string, { content: string; position: number; refusal: string | null }>()
  readonly producers = new Map<string, number>()
  readonly tiles = new Map<string, readonly Uint8Array[]>()
  readonly heads = new Map<number, Map<number, string>>()
  readonly headers = new Map<number, Map<string, HeaderRecord>>()
  /** Which server holds the turn of which log. */
  readonly turns = new Map<number, string>()

  log(no: number): DiskLog {
    const log = this.logs[no - 1]
    if (!log) throw new Error(`there is no log ${no} on this disk`)
    return log
  }

  events(id: LogId): RecordedEvent[] {
    const log = this.logs.find((one) => one.id === id)
    return (log?.bodies ?? []).map((body) => JSON.parse(body) as RecordedEvent)
  }
}

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
  readonly #asked: Call[] = []
  readonly #answered: Call[] = []
  readonly #remove: () => void
  #dead = false
  /** The next appends fail, as on a full disk. */
  failing = 0

  constructor(disk: Disk, actor: string, scheduler: Scheduler) {
    this.#disk = disk
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
    const call = <T>(what: string, run: () => T): Promise<T> => this.#call(what, run)
    return {
      shared,
      failed: new Promise<Error>(() => undefined),
      close: async () => undefined,
      takeTurn: (no) =>
        this.#call(
          'takeTurn',
          () => {
            disk.turns.set(no, this.#actor)
            return () => void (disk.turns.get(no) === this.#actor && disk.turns.delete(no))
          },
          () => disk.turns.has(no),
        ),
      exclusively: (work) => work(),
      query: async () => ({ rows: [], affectedRows: 0 }),
      openLog: (id) =>
        call('openLog', () => {
          let log = disk.logs.find((one) => one.id === id)
          if (!log) {
            log = { no: disk.logs.length + 1, id, epoch: `epoch of ${id}`, bodies: [] }
            disk.logs.push(log)
          }
          return { no: log.no, epoch: log.epoch, head: log.bodies.length }
        }),
      heads: () => call('heads', () => disk.logs.map((log) => ({ id: log.id, head: log.bodies.length }))),
      append: (batch) =>
        this.#call(
          'append',
          () => this.#append(batch),
          () => !batch.inTurn && disk.turns.has(batch.logNo),
        ),
      readLog: (no, after, limit) =>
        call('readLog', () => {
          const { bodies } = disk.log(no)
          return { bodies: bodies.slice(after, after + limit), head: bodies.length }
        }),
      readStream: (no, stream, part: StreamPart = {}) =>
        call('readStream', () => {
          const { after = 0, upTo = Infinity, limit = Infinity } = part
          return disk
            .log(no)
            .bodies.filter((body) => {
              const event = JSON.parse(body) as RecordedEvent
              return event.stream === stream && event.streamVersion > after && event.position <= upTo
            })
            .slice(0, limit)
        }),
      findEvents: (no, ids) =>
        call('findEvents', () =>
          ids.flatMap((id) => {
            const found = disk.ids.get(id)
            const body = found?.logNo === no ? disk.log(no).bodies[found.position - 1] : undefined
            return body === undefined ? [] : [body]
          }),
        ),
      findReceipts: (ids) =>
        call('findReceipts', () =>
          ids.flatMap((commandId) => {
            const receipt = disk.receipts.get(commandId)
            const first = disk.ids.get(`${commandId}.0`)
            if (receipt) {
              const { content, position, refusal } = receipt
              return [{ commandId, content, from: position + 1, to: position, refusal }]
            }
            if (first?.content === undefined) return []
            const { content, position, count = 1 } = first
            return [{ commandId, content, from: position, to: position + count - 1, refusal: null }]
          }),
        ),
      nextEpoch: (id) =>
        call('nextEpoch', () => {
          const epoch = (disk.producers.get(id) ?? 0) + 1
          disk.producers.set(id, epoch)
          return epoch
        }),
      epochsOf: (ids) =>
        call('epochsOf', () =>
          ids.flatMap((id) => {
            const epoch = disk.producers.get(id)
            return epoch === undefined ? [] : [{ id, epoch }]
          }),
        ),
    }
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
      const known = disk.heads.get(no) ?? new Map<number, string>()
      disk.heads.set(no, known)
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

  #append(batch: Parameters<RunningStore['append']>[0]): 'stored' | 'moved' | 'taken' | 'fenced' {
    if (this.failing > 0) {
      this.failing -= 1
      throw new Error('disk full')
    }
    const log = this.#disk.log(batch.logNo)
    const producers = JSON.parse(batch.producers) as { i: string; e: number }[]
    if (producers.some(({ i, e }) => this.#disk.producers.get(i) !== e)) return 'fenced'
    if (log.bodies.length !== batch.expectedHead) return 'moved'
    const rows = JSON.parse(batch.events) as EventRow[]
    const receipts = JSON.parse(batch.receipts) as ReceiptRow[]
    const commands = batch.commandIds === '' ? [] : batch.commandIds.split(',')
    const taken =
      rows.some(({ i }) => this.#disk.ids.has(i)) ||
      commands.some((id) => this.#disk.receipts.has(id)) ||
      receipts.some(({ c }) => this.#disk.receipts.has(c) || this.#disk.ids.has(`${c}.0`))
    if (taken) return 'taken'
    const bytes = Buffer.from(batch.bodies)
    for (const { p, i, o, l, h, n } of rows) {
      if (p !== log.bodies.length + 1) throw new Error(`position ${p} does not follow ${log.bodies.length}`)
      log.bodies.push(bytes.subarray(o - 1, o - 1 + l).toString())
      this.#disk.ids.set(i, { logNo: batch.logNo, position: p, ...(h !== undefined && { content: h, count: n ?? 1 }) })
    }
    for (const { c, h, p, r } of receipts) this.#disk.receipts.set(c, { content: h, position: p, refusal: r })
    return 'stored'
  }

  #call<T>(what: string, run: () => T, waits?: () => boolean): Promise<T> {
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

  #do(): void {
    const call = this.#asked.shift()
    if (!call) return
    try {
      call.answer = { value: call.run() }
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

/** One line for a state, to compare runs by. */
export const digestOf = (lines: readonly string[]): string =>
  createHash('sha256').update(lines.join('\n')).digest('hex')
