import {
  closeSync,
  fdatasync,
  fdatasyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeSync,
} from 'node:fs'
import path from 'node:path'
import type { DraftEvent } from '@coppice/events'

type Entry = {
  readonly n: number
  readonly event: DraftEvent
  stored: boolean
  readonly settle: ((stored: boolean) => void)[]
}

const syncEveryMs = 50
const mostInBatch = 200
const mostBytesInBatch = 1024 * 1024

/**
 * What the runner saw and the server has not stored yet, on disk, in order. The server may be away for as long as it
 * likes: agents go on, and the spool is sent when it is back. Sending twice does no harm, ids tell.
 */
export class Spool {
  readonly #file: number
  #entries: Entry[] = []
  #next = 1
  #storedTo = 0
  #syncing: NodeJS.Timeout | undefined
  #syncRunning = false
  #closed = false

  private constructor(file: number) {
    this.#file = file
  }

  /** Opens the spool of a data folder with what an earlier process could not deliver. */
  static open(dataFolder: string): Spool {
    mkdirSync(dataFolder, { recursive: true })
    const name = path.join(dataFolder, 'spool.jsonl')
    const spool = new Spool(openSync(name, 'a+', 0o600))
    const text = readFileSync(name, 'utf8')
    spool.#load(text)
    // A line that a crash has cut must not swallow the next one.
    if (text !== '' && !text.endsWith('\n')) writeSync(spool.#file, '\n')
    return spool
  }

  #load(text: string): void {
    for (const line of text.split('\n')) {
      if (line === '') continue
      const record = readLine(line)
      // A crash may cut the last line; what it would have said was never acted on.
      if (!record) continue
      if ('to' in record) this.#storedTo = Math.max(this.#storedTo, record.to)
      else {
        this.#entries.push({ n: record.n, event: record.event, stored: false, settle: [] })
        this.#next = record.n + 1
      }
    }
    this.#entries = this.#entries.filter((entry) => entry.n > this.#storedTo)
    // Numbers never begin again: one that was used up to here would count as stored at the next start.
    this.#next = Math.max(this.#next, this.#storedTo + 1)
  }

  /** Adds an event. Settles when the server has stored it (true), or will never (false). */
  add(event: DraftEvent): Promise<boolean> {
    if (this.#closed) return Promise.resolve(false)
    const n = this.#next
    this.#next += 1
    writeSync(this.#file, `${JSON.stringify({ n, event })}\n`)
    this.#scheduleSync()
    return new Promise((resolve) => this.#entries.push({ n, event, stored: false, settle: [resolve] }))
  }

  /** Whether an event of this id waits here. */
  has(eventId: string): boolean {
    return this.#entries.some((entry) => entry.event.id === eventId)
  }

  /** What waits, oldest first. */
  get events(): readonly DraftEvent[] {
    return this.#entries.map(({ event }) => event)
  }

  get size(): number {
    return this.#entries.length
  }

  /** The oldest waiting events of each log, as many as fit one message. */
  waiting(logs: ReadonlySet<string>): Map<string, DraftEvent[]> {
    const batches = new Map<string, DraftEvent[]>()
    let bytes = 0
    for (const { event } of this.#entries) {
      if (!logs.has(event.log)) continue
      const batch = batches.get(event.log) ?? []
      if (batch.length >= mostInBatch || bytes > mostBytesInBatch) continue
      batch.push(event)
      bytes += JSON.stringify(event.data).length
      batches.set(event.log, batch)
    }
    return batches
  }

  /** These are stored, or will never be: either way they have left the spool. */
  settle(eventIds: ReadonlySet<string>, stored: boolean): void {
    if (this.#closed) return
    const gone = this.#entries.filter((entry) => eventIds.has(entry.event.id))
    if (gone.length === 0) return
    this.#entries = this.#entries.filter((entry) => !eventIds.has(entry.event.id))
    const oldest = this.#entries[0]
    if (!oldest) ftruncateSync(this.#file, 0)
    const to = oldest ? oldest.n - 1 : this.#next - 1
    if (to > this.#storedTo) {
      this.#storedTo = to
      writeSync(this.#file, `${JSON.stringify({ to })}\n`)
    }
    for (const entry of gone) for (const settle of entry.settle) settle(stored)
  }

  /** Nothing is added from here on: what is still seen is seen again by the next process. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    clearTimeout(this.#syncing)
    fdatasyncSync(this.#file)
    // An asynchronous sync that is on its way still needs the file; the process ends soon, and the file with it.
    if (!this.#syncRunning) closeSync(this.#file)
  }

  #scheduleSync(): void {
    this.#syncing ??= setTimeout(() => {
      this.#syncing = undefined
      this.#syncRunning = true
      fdatasync(this.#file, (error) => {
        this.#syncRunning = false
        if (error) throw error
      })
    }, syncEveryMs)
  }
}

function readLine(line: string): { n: number; event: DraftEvent } | { to: number } | undefined {
  try {
    return JSON.parse(line) as { n: number; event: DraftEvent } | { to: number }
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
