import type { LogId, RecordedEvent } from '@coppice/events'
import type { HeaderRecord } from '../../apps/sync/src/headers/stored-headers.ts'
import type {
  Append,
  AppendOutcome,
  EventRow,
  ReceiptRow,
  StoredReceipt,
  StreamPart,
} from '../../apps/sync/src/store/event-store.ts'

interface DiskLog {
  readonly no: number
  readonly id: string
  epoch: string
  bodies: string[]
}

/** A Yjs document on the disk: its updates by number. */
interface DiskRoom {
  readonly no: number
  readonly name: string
  head: number
  updates: Map<number, Uint8Array>
}

/**
 * What is on disk: it survives every crash, and several servers may share it. In the store's own words, so that a real
 * store can be held against it.
 */
export class Disk {
  readonly logs: DiskLog[] = []
  #tries = 0
  readonly ids = new Map<string, { logNo: number; position: number; content?: string; count?: number }>()
  readonly receipts = new Map<string, { content: string; position: number; refusal: string | null }>()
  readonly producers = new Map<string, number>()
  readonly tiles = new Map<string, readonly Uint8Array[]>()
  readonly treeHeads = new Map<number, Map<number, string>>()
  readonly headers = new Map<number, Map<string, HeaderRecord>>()
  /** Which server holds the turn of which log. */
  readonly turns = new Map<number, string>()
  readonly rooms: DiskRoom[] = []
  /** Put back from a backup, and no server has written so into the logs yet. */
  restored = false
  #epochs = 0

  /** All of it, as it is between two steps. */
  copy(): Disk {
    const copy = new Disk()
    copy.#take(this)
    return copy
  }

  /** The backup takes the place of what is here. */
  putBack(backup: Disk): void {
    this.#take(backup)
    this.turns.clear()
    this.restored = true
  }

  #take(other: Disk): void {
    this.#tries = other.#tries
    for (const name of ['logs', 'rooms'] as const) {
      const list: unknown[] = this[name]
      list.splice(0, list.length, ...structuredClone<unknown[]>(other[name]))
    }
    for (const name of ['ids', 'receipts', 'producers', 'tiles', 'treeHeads', 'headers'] as const) {
      const map = this[name] as Map<unknown, unknown>
      map.clear()
      for (const [key, value] of structuredClone(other[name] as Map<unknown, unknown>)) map.set(key, value)
    }
  }

  events(id: LogId): RecordedEvent[] {
    const log = this.logs.find((one) => one.id === id)
    return (log?.bodies ?? []).map((body) => JSON.parse(body) as RecordedEvent)
  }

  openLog(id: string): { no: number; epoch: string; head: number } {
    // Each try takes a number, as PostgreSQL's identities do.
    this.#tries += 1
    let log = this.logs.find((one) => one.id === id)
    if (!log) {
      log = { no: this.#tries, id, epoch: `epoch of ${id}`, bodies: [] }
      this.logs.push(log)
    }
    return { no: log.no, epoch: log.epoch, head: log.bodies.length }
  }

  /** Another epoch than any before: numbered, so that the same seed gives the same. */
  beginEpoch(no: number): void {
    this.#epochs += 1
    const log = this.#log(no)
    log.epoch = `epoch ${this.#epochs} of ${log.id}`
  }

  heads(): { id: string; head: number }[] {
    return this.logs.map((log) => ({ id: log.id, head: log.bodies.length }))
  }

  readLog(no: number, after: number, limit: number): { bodies: string[]; head: number } {
    const { bodies } = this.#log(no)
    return { bodies: bodies.slice(after, after + limit), head: bodies.length }
  }

  readStream(no: number, stream: string, part: StreamPart = {}): string[] {
    const { after = 0, upTo = Infinity, limit = Infinity, newest = false } = part
    const bodies = this.#log(no).bodies.filter((body) => {
      const event = JSON.parse(body) as RecordedEvent
      return event.stream === stream && event.streamVersion > after && event.position <= upTo
    })
    return newest ? bodies.slice(-limit) : bodies.slice(0, limit)
  }

  findEvents(no: number, ids: readonly string[]): string[] {
    return ids.flatMap((id) => {
      const found = this.ids.get(id)
      const body = found?.logNo === no ? this.#log(no).bodies[found.position - 1] : undefined
      return body === undefined ? [] : [body]
    })
  }

  findReceipts(ids: readonly string[]): StoredReceipt[] {
    return [...new Set(ids)].flatMap((commandId) => {
      const receipt = this.receipts.get(commandId)
      const first = this.ids.get(`${commandId}.0`)
      if (receipt) {
        const { content, position, refusal } = receipt
        return [{ commandId, content, from: position + 1, to: position, refusal }]
      }
      if (first?.content === undefined) return []
      const { content, position, count = 1 } = first
      return [{ commandId, content, from: position, to: position + count - 1, refusal: null }]
    })
  }

  nextEpoch(id: string): number {
    const epoch = (this.producers.get(id) ?? 0) + 1
    this.producers.set(id, epoch)
    return epoch
  }

  epochsOf(ids: readonly string[]): { id: string; epoch: number }[] {
    return ids.flatMap((id) => {
      const epoch = this.producers.get(id)
      return epoch === undefined ? [] : [{ id, epoch }]
    })
  }

  append(batch: Append): AppendOutcome {
    const log = this.#log(batch.logNo)
    const producers = JSON.parse(batch.producers) as { i: string; e: number }[]
    if (producers.some(({ i, e }) => this.producers.get(i) !== e)) return 'fenced'
    if (log.bodies.length !== batch.expectedHead) return 'moved'
    const rows = JSON.parse(batch.events) as EventRow[]
    const receipts = JSON.parse(batch.receipts) as ReceiptRow[]
    const commands = batch.commandIds === '' ? [] : batch.commandIds.split(',')
    const taken =
      rows.some(({ i }) => this.ids.has(i)) ||
      commands.some((id) => this.receipts.has(id)) ||
      receipts.some(({ c }) => this.receipts.has(c) || this.ids.has(`${c}.0`))
    if (taken) return 'taken'
    const bytes = Buffer.from(batch.bodies)
    for (const { p, i, o, l, h, n } of rows) {
      if (p !== log.bodies.length + 1) throw new Error(`position ${p} does not follow ${log.bodies.length}`)
      log.bodies.push(bytes.subarray(o - 1, o - 1 + l).toString())
      this.ids.set(i, { logNo: batch.logNo, position: p, ...(h !== undefined && { content: h, count: n ?? 1 }) })
    }
    for (const { c, h, p, r } of receipts) this.receipts.set(c, { content: h, position: p, refusal: r })
    return 'stored'
  }

  openRoom(name: string): number {
    let room = this.rooms.find((one) => one.name === name)
    if (!room) {
      room = { no: this.rooms.length + 1, name, head: 0, updates: new Map() }
      this.rooms.push(room)
    }
    return room.no
  }

  roomHeads(numbers: readonly number[]): Map<number, number> {
    return new Map(numbers.map((no) => [no, this.#room(no).head]))
  }

  readRoom(no: number, after: number): { seq: number; bytes: Uint8Array }[] {
    return [...this.#room(no).updates]
      .map(([seq, bytes]) => ({ seq, bytes }))
      .filter(({ seq }) => seq > after)
      .toSorted((a, b) => a.seq - b.seq)
  }

  appendToRooms(updates: readonly { readonly room: number; readonly bytes: Uint8Array }[]): Map<number, number> {
    return new Map(
      updates.map(({ room: no, bytes }) => {
        const room = this.#room(no)
        room.head += 1
        room.updates.set(room.head, bytes)
        return [no, room.head]
      }),
    )
  }

  compactRoom(no: number, upto: number, bytes: Uint8Array): void {
    const { updates } = this.#room(no)
    const gone = [...updates.keys()].filter((seq) => seq <= upto)
    for (const seq of gone) updates.delete(seq)
    if (gone.length > 0) updates.set(upto, bytes)
  }

  #room(no: number): DiskRoom {
    const room = this.rooms.find((one) => one.no === no)
    if (!room) throw new Error(`there is no room ${no} on this disk`)
    return room
  }

  #log(no: number): DiskLog {
    const log = this.logs.find((one) => one.no === no)
    if (!log) throw new Error(`there is no log ${no} on this disk`)
    return log
  }
}
