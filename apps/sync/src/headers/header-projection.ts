import {
  evolve,
  initialState,
  project,
  PROJECTION_VERSION,
  type AnyRow,
  type LogId,
  type ReadRow,
  type RecordedEvent,
  type Rows,
  type StreamId,
  type StreamState,
  type TableName,
} from '@coppice/events'
import { streamHeaderSchema, type StreamHeader } from '@coppice/protocol'
import { LIMITS } from '../limits.ts'
import type { Commit } from '../log/log-writer.ts'
import { RecentMap } from '../log/recent-map.ts'
import { readBody } from '../log/stored-event.ts'
import type { Store } from '../store/store-calls.ts'
import type { StoredHeaders } from './stored-headers.ts'

/** A session's header as it is being folded. */
export interface Folded {
  readonly version: number
  readonly state: StreamState
  readonly rows: ReadonlyMap<TableName, ReadonlyMap<string, AnyRow>>
}

/** The tables that headers are made of: what every replica has of every session. */
const isHeaderTable = (table: TableName): boolean => table === 'sessions'
/** Under this name, which no stream has and which sorts before all, stands the position that headers are up to date at. */
export const CHECKPOINT = '.'

export const isSession = (stream: string): boolean => stream.startsWith('session/')

/**
 * The headers of one log's sessions: a read model that follows the log at a short distance, in memory where it was used
 * last and on disk behind that. Everything in it can be made again from the events (EV-6).
 */
export class HeaderProjection {
  readonly #store: Pick<Store, 'readLog' | 'readStream'>
  readonly #stored: StoredHeaders
  readonly #log: { readonly log: LogId; readonly no: number; readonly head: number }
  readonly #report: (error: unknown) => void
  /** Events that are in the log and not yet folded here. */
  #waiting: RecordedEvent[] = []
  readonly #folded = new RecentMap<StreamId, Folded>(LIMITS.streamHeaders)
  /** Folded further than what is on disk. */
  readonly #unwritten = new Map<StreamId, Folded>()
  #work: Promise<unknown> = Promise.resolve()
  #timer: ReturnType<typeof setTimeout> | undefined
  #unwrittenEvents = 0
  #position: number
  /** Whether everything from before this process is on disk. */
  #complete = false

  /** @param log as it was opened: commits after its head are told with {@link HeaderProjection.committed}. */
  constructor(
    store: Pick<Store, 'readLog' | 'readStream'>,
    stored: StoredHeaders,
    log: { readonly log: LogId; readonly no: number; readonly head: number },
    report: (error: unknown) => void,
  ) {
    this.#store = store
    this.#stored = stored
    this.#log = log
    this.#position = log.head
    this.#report = report
  }

  committed(commit: Commit): void {
    this.#position = commit.to
    for (const event of commit.events) if (isSession(event.stream)) this.#waiting.push(event)
    this.#unwrittenEvents += commit.events.length
    const soon = this.#unwrittenEvents > LIMITS.headerFlushEvents
    if (this.#timer !== undefined && !soon) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.flush().catch(this.#report), soon ? 0 : LIMITS.headerFlushMs)
    this.#timer.unref()
  }

  /** Headers of these sessions, as of the newest commit this was told of, or later. */
  headers(streams: Iterable<StreamId>): Promise<StreamHeader[]> {
    return this.#inTurn(async () => {
      await this.#fold()
      const found: StreamHeader[] = []
      for (const stream of streams) {
        const folded = await this.#at(stream)
        if (folded.version > 0) found.push(headerOf(stream, folded))
      }
      return found
    })
  }

  /** Headers of all sessions in parts, each as of now or later. */
  async *all(): AsyncGenerator<StreamHeader[]> {
    await this.flush()
    let after: string = CHECKPOINT
    for (;;) {
      const page = await this.#stored.page(after, PROJECTION_VERSION, LIMITS.snapshotStreams)
      const last = page.at(-1)
      if (last === undefined) return
      yield page.map(({ body }) => streamHeaderSchema.parse(JSON.parse(body)))
      after = last.stream
    }
  }

  /** Writes what is new, and how far it goes. */
  flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#unwrittenEvents = 0
    return this.#inTurn(async () => {
      if (!this.#complete) await this.#catchUp()
      const position = await this.#fold()
      await this.#writeAll()
      await this.#setCheckpoint(position)
    })
  }

  /** What an earlier process had not written when it ended, or wrote with other code. */
  async #catchUp(): Promise<void> {
    let position = await this.#checkpoint()
    while (position < this.#log.head) {
      const { bodies } = await this.#store.readLog(this.#log.no, position, LIMITS.treeReadEvents)
      if (bodies.length === 0) break
      const streams = bodies.map((body) => (JSON.parse(body) as { stream: StreamId }).stream)
      for (const stream of new Set(streams.filter(isSession))) {
        this.#unwritten.set(stream, await this.#at(stream))
        if (this.#unwritten.size >= LIMITS.snapshotStreams) await this.#writeAll()
      }
      position += bodies.length
    }
    this.#complete = true
  }

  async #checkpoint(): Promise<number> {
    return (await this.#stored.one(CHECKPOINT, PROJECTION_VERSION))?.version ?? 0
  }

  async #setCheckpoint(position: number): Promise<void> {
    if (position > 0)
      await this.#stored.write([{ stream: CHECKPOINT, version: position, body: '' }], PROJECTION_VERSION)
  }

  async #writeAll(): Promise<void> {
    const written = [...this.#unwritten]
    for (let at = 0; at < written.length; at += LIMITS.snapshotStreams) {
      const part = written.slice(at, at + LIMITS.snapshotStreams)
      const headers = part.map(([stream, folded]) => ({
        stream,
        version: folded.version,
        body: JSON.stringify(headerOf(stream, folded)),
      }))
      await this.#stored.write(headers, PROJECTION_VERSION)
    }
    for (const [stream] of written) this.#unwritten.delete(stream)
  }

  /** Folds what is waiting. Gives the position that headers are up to date at. */
  async #fold(): Promise<number> {
    const events = this.#waiting
    const position = this.#position
    this.#waiting = []
    for (const event of events) {
      const before = await this.#at(event.stream)
      // What was read from the store a moment ago may have this event already.
      const after = before.version >= event.streamVersion ? before : foldOne(before, event)
      this.#folded.set(event.stream, after)
      this.#unwritten.set(event.stream, after)
    }
    return position
  }

  async #at(stream: StreamId): Promise<Folded> {
    const known = this.#unwritten.get(stream) ?? this.#folded.get(stream)
    if (known) return known
    const read = await this.#read(stream)
    this.#folded.set(stream, read)
    return read
  }

  /** From the stored header and the events since. */
  async #read(stream: StreamId): Promise<Folded> {
    const stored = await this.#stored.one(stream, PROJECTION_VERSION)
    let folded = stored ? readHeader(stored.body) : foldNothing(this.#log.log, stream)
    for (;;) {
      const part = { after: folded.version, limit: LIMITS.catchUpEvents }
      const bodies = await this.#store.readStream(this.#log.no, stream, part)
      for (const body of bodies) folded = foldOne(folded, readBody(body))
      if (bodies.length < LIMITS.catchUpEvents) return folded
    }
  }

  #inTurn<T>(step: () => Promise<T>): Promise<T> {
    const done = this.#work.then(step, step)
    // Its caller is told; the next step is not for that one's error.
    this.#work = done.catch(() => undefined)
    return done
  }
}

/** A session's header before its first event. */
export function foldNothing(log: LogId, stream: StreamId): Folded {
  const state = initialState(log, stream)
  if (state === undefined) throw new Error(`${stream} has no place in log ${log}`)
  return { version: 0, state, rows: new Map() }
}

/** Folds one event into state and header rows. Rows of other tables are passed over: nobody reads them here. */
export function foldOne(before: Folded, event: RecordedEvent): Folded {
  const state = evolve(before.state, event)
  const rows = new Map(before.rows)
  const read: ReadRow = (table, key) => rows.get(table)?.get(key) as Rows[typeof table] | undefined
  for (const { table, key, row } of project(event, read)) {
    if (!isHeaderTable(table)) continue
    const changed = new Map(rows.get(table))
    if (row === null) changed.delete(key)
    else changed.set(key, row)
    rows.set(table, changed)
  }
  return { version: event.streamVersion, state, rows }
}

/** A header as it is sent and stored. */
export function headerOf(stream: StreamId, { version, state, rows }: Folded): StreamHeader {
  return {
    stream,
    version,
    state: state as unknown as Record<string, unknown>,
    rows: [...rows].flatMap(([table, byKey]) =>
      [...byKey].map(([key, row]) => ({ table, key, row: row as unknown as Record<string, unknown> })),
    ),
  }
}

function readHeader(body: string): Folded {
  const header = streamHeaderSchema.parse(JSON.parse(body))
  const rows = new Map<TableName, Map<string, AnyRow>>()
  for (const { table, key, row } of header.rows) {
    const byKey = rows.get(table) ?? new Map<string, AnyRow>()
    rows.set(table, byKey.set(key, row as unknown as AnyRow))
  }
  return { version: header.version, state: header.state as unknown as StreamState, rows }
}
