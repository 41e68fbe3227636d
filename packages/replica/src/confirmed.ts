import {
  PROJECTION_VERSION,
  evolve,
  initialState,
  parseEvent,
  project,
  rowRefs,
  type AnyRow,
  type ReadRow,
  type RecordedEvent,
  type RowChange,
  type RowRef,
  type Rows,
  type StreamState,
  type TableName,
} from '@coppice/events'
import type { StreamHeader } from '@coppice/protocol'
import { Filling } from './filling.ts'
import { LruMap } from './lru.ts'
import { HEADER_TABLES, isHeader } from './replica.ts'
import { rowName, type Batch, type Cursor, type LeftStream, type Store } from './store.ts'
import type { Written } from './store-move.ts'
import { Tails } from './tails.ts'
import { edgeAfter } from './tree-edge.ts'

/** Rows of other tables kept in memory for the next event that touches them. */
const CACHED_ROWS = 4_000
const CACHED_STATES = 500

/** What came in place of events that the replica's shape leaves out. */
export interface Aside {
  /** Their leaf hashes, in order. */
  readonly leaves: readonly string[]
  /** The headers of their sessions, as of now or later; made by code of this projection version. */
  readonly headers: readonly StreamHeader[]
  readonly projection: number
}

const NOTHING_ASIDE: Aside = { leaves: [], headers: [], projection: PROJECTION_VERSION }

/**
 * The confirmed state: the store, with what is hot in memory. Header tables are held whole; items and stream states in
 * bounded caches. Only {@link ConfirmedState.apply} changes it, one batch at a time.
 */
export class ConfirmedState {
  #store: Store
  /** Hears of each write to the store. */
  #wrote: ((written: Written) => void) | undefined
  readonly #headers = new Map<TableName, Map<string, AnyRow>>()
  readonly #headerLogs = new Map<string, string>()
  readonly #rows = new LruMap<string, AnyRow | null>(CACHED_ROWS)
  readonly #states = new LruMap<string, StreamState>(CACHED_STATES)
  readonly #cursors = new Map<string, Cursor>()
  /** Sessions of which only the header is here, by "log stream". */
  readonly #left = new Map<string, LeftStream>()
  #filling: Filling | undefined
  readonly tails = new Tails()

  private constructor(store: Store) {
    this.#store = store
  }

  static async load(store: Store): Promise<ConfirmedState> {
    const confirmed = new ConfirmedState(store)
    for (const table of HEADER_TABLES) {
      const rows = await store.all(table)
      confirmed.#headers.set(table, new Map(rows.map(({ key, row }) => [key, row])))
      for (const { key, log } of rows) confirmed.#headerLogs.set(rowName(table, key), log)
    }
    for (const cursor of await store.cursors()) confirmed.#cursors.set(cursor.log, cursor)
    for (const left of await store.leftStreams()) confirmed.#left.set(`${left.log} ${left.stream}`, left)
    return confirmed
  }

  /** Each write to the store is told from now on, when it is done. */
  follow(wrote: ((written: Written) => void) | undefined): void {
    this.#wrote = wrote
  }

  /** Goes on in a store that holds the same. */
  moveTo(store: Store): void {
    this.#wrote = undefined
    this.#store = store
  }

  cursor(log: string): Cursor | undefined {
    return this.#cursors.get(log)
  }

  logs(): readonly string[] {
    return [...this.#cursors.keys()]
  }

  /** Sessions of a log of which only the header is here. */
  left(log: string): readonly LeftStream[] {
    return [...this.#left.values()].filter((one) => one.log === log)
  }

  /** Sessions of a log that are here with their bodies, as streams. */
  wholeSessions(log: string): string[] {
    return [...(this.#headers.get('sessions')?.keys() ?? [])]
      .filter((key) => this.#headerLogs.get(rowName('sessions', key)) === log)
      .map((key) => `session/${key}`)
      .filter((stream) => !this.isLeft(log, stream))
  }

  isLeft(log: string, stream: string): boolean {
    return this.#left.has(`${log} ${stream}`)
  }

  header(table: TableName): ReadonlyMap<string, AnyRow> {
    return this.#headers.get(table) ?? new Map()
  }

  /** A row in memory; `undefined` also where it has not been loaded: see {@link ConfirmedState.preload}. */
  readonly read: ReadRow = (table, key) => {
    const row = isHeader(table) ? this.#headers.get(table)?.get(key) : this.#rows.get(rowName(table, key))
    const shown = row ?? (table === 'items' ? this.tails.item(key) : undefined)
    return shown as Rows[typeof table] | undefined
  }

  isLoaded(ref: RowRef): boolean {
    return isHeader(ref.table) || this.#rows.has(rowName(ref.table, ref.key))
  }

  async preload(refs: readonly RowRef[]): Promise<void> {
    const missing = refs.filter((ref) => !this.isLoaded(ref))
    if (missing.length === 0) return
    const found = await this.#store.get(missing)
    for (const ref of missing) {
      const name = rowName(ref.table, ref.key)
      this.#rows.set(name, found.get(name) ?? null)
    }
  }

  /** Reads all rows that the events' projectors may look at: more than the cache may hold. */
  async #reader(events: readonly RecordedEvent[]): Promise<ReadRow> {
    const rows = new Map<string, AnyRow | null>()
    const missing: RowRef[] = []
    for (const ref of events.flatMap((event) => rowRefs(event))) {
      const name = rowName(ref.table, ref.key)
      if (isHeader(ref.table) || rows.has(name)) continue
      const row = this.#rows.get(name)
      rows.set(name, row ?? null)
      if (row === undefined) missing.push(ref)
    }
    if (missing.length > 0) for (const [name, row] of await this.#store.get(missing)) rows.set(name, row)
    return (table, key) =>
      isHeader(table)
        ? this.read(table, key)
        : ((rows.get(rowName(table, key)) ?? undefined) as Rows[typeof table] | undefined)
  }

  stateOf(log: string, stream: string): StreamState | undefined {
    return this.#states.get(`${log} ${stream}`)
  }

  async loadState(log: string, stream: string): Promise<StreamState | undefined> {
    const known = this.stateOf(log, stream)
    if (known) return known
    const stored = await this.#store.state(log, stream)
    if (stored) this.#states.set(`${log} ${stream}`, stored)
    return stored
  }

  /**
   * Folds events, stores rows and cursor in one transaction, and only then shows them. Gives the changed rows.
   * Events that do not fit their schema, or are of unknown types, are kept and skipped (EV-4).
   */
  async apply(
    cursor: Cursor,
    events: readonly RecordedEvent[],
    aside: Aside = NOTHING_ASIDE,
  ): Promise<readonly RowChange[]> {
    const before = this.#cursors.get(cursor.log)
    const peaks = cursor.peaks ?? edgeAfter(before, cursor.position, events, aside.leaves)
    return this.#applied({ ...cursor, ...(peaks && { peaks }) }, await this.#folded(events), events, aside)
  }

  /** Folds events that the store has already, for a rebuild: the cursor stands still. */
  async refold(cursor: Cursor, events: readonly RecordedEvent[]): Promise<void> {
    await this.#applied(cursor, await this.#folded(events), [], NOTHING_ASIDE)
  }

  /** Takes over headers and marks of left sessions as another store has them, for a copy. */
  async copyLeft(cursor: Cursor, source: Store): Promise<void> {
    const left = (await source.leftStreams()).filter((one) => one.log === cursor.log)
    if (left.length === 0) return
    const rows = await source.get(left.map(({ stream }) => ({ table: 'sessions', key: keyOf(stream) })))
    const changes = left.map(({ stream }): RowChange => {
      const row = rows.get(rowName('sessions', keyOf(stream))) as Rows['sessions'] | undefined
      return { table: 'sessions', key: keyOf(stream), row: row ?? null }
    })
    const states: { stream: string; state: StreamState }[] = []
    for (const { stream } of left) {
      const state = await source.state(cursor.log, stream)
      if (state) states.push({ stream, state })
    }
    await this.#keep({ cursor, events: [], changes, states, left })
  }

  /**
   * Takes a part of a session's past. With the last part the session is whole: its header and state, folded from its
   * events, take the place of those that the server made. Gives the changed rows; undefined where the part does not follow.
   */
  async backfill(
    { log, stream, from, last }: { log: string; stream: string; from: number; last: boolean },
    events: readonly RecordedEvent[],
  ): Promise<readonly RowChange[] | undefined> {
    const cursor = this.#cursors.get(log)
    if (from === 0) this.#filling = new Filling(log, stream)
    const filling = this.#filling
    if (!cursor || filling?.log !== log || filling.stream !== stream || filling.version !== from) return undefined
    const known = events.flatMap((event) => readable(event))
    const changes = filling.fold(known, events.length, await this.#reader(known))
    const whole = last ? [stream] : []
    const all = last ? [...changes, ...filling.headers] : changes
    const states = last && filling.version > 0 ? [{ stream, state: filling.state }] : []
    await this.#keep({ cursor, events, changes: all, states, whole })
    if (last) this.#filling = undefined
    return all
  }

  /** The newest events of a session whose past comes after them: something to show at once. */
  takeTail(log: string, stream: string, events: readonly RecordedEvent[]): void {
    if (!this.isLeft(log, stream)) return
    const known = events.flatMap((event) => readable(event))
    this.tails.take(keyOf(stream), known, (table, key) => (isHeader(table) ? this.read(table, key) : undefined))
  }

  async #folded(events: readonly RecordedEvent[]): Promise<Pick<Batch, 'changes' | 'states'>> {
    const known: RecordedEvent[] = events.flatMap((event) => readable(event))
    const stored = await this.#reader(known)
    const states = new Map<string, StreamState>()
    const overlay = new Map<string, AnyRow | null>()
    const changes: RowChange[] = []
    const read: ReadRow = (table, key) => {
      const over = overlay.get(rowName(table, key))
      return over === undefined ? stored(table, key) : ((over ?? undefined) as Rows[typeof table] | undefined)
    }
    for (const event of known) {
      const before =
        states.get(event.stream) ??
        (await this.loadState(event.log, event.stream)) ??
        initialState(event.log, event.stream)
      if (before) states.set(event.stream, evolve(before, event))
      for (const change of project(event, read)) {
        overlay.set(rowName(change.table, change.key), change.row)
        changes.push(change)
      }
    }
    return { changes, states: [...states].map(([stream, state]) => ({ stream, state })) }
  }

  async #applied(
    cursor: Cursor,
    { changes, states }: Pick<Batch, 'changes' | 'states'>,
    events: readonly RecordedEvent[],
    aside: Aside,
  ): Promise<readonly RowChange[]> {
    // A header of a session that is whole here says nothing new: its events do.
    const headers = aside.headers.filter(({ stream }) => this.isLeft(cursor.log, stream) || !this.#hasSession(stream))
    const all = [
      ...changes,
      ...headers.flatMap(({ rows }) =>
        rows.map(({ table, key, row }) => ({ table, key, row }) as unknown as RowChange),
      ),
    ]
    await this.#keep({
      cursor,
      events,
      changes: all,
      states: [...states, ...headers.map(({ stream, state }) => ({ stream, state: state as unknown as StreamState }))],
      left: headers.map(({ stream }) => ({ stream, projection: aside.projection })),
    })
    return all
  }

  /** Stores a batch, and only then shows it. */
  async #keep(batch: Batch): Promise<void> {
    const { cursor, changes, states } = batch
    await this.#store.apply(batch)
    this.#wrote?.({ batch })
    for (const { stream, state } of states) this.#states.set(`${cursor.log} ${stream}`, state)
    for (const change of changes) this.#show(change, cursor.log)
    for (const one of batch.left ?? []) this.#left.set(`${cursor.log} ${one.stream}`, { log: cursor.log, ...one })
    for (const stream of batch.whole ?? []) {
      this.#left.delete(`${cursor.log} ${stream}`)
      this.tails.drop(keyOf(stream))
    }
    this.#cursors.set(cursor.log, cursor)
  }

  #hasSession(stream: string): boolean {
    return this.#headers.get('sessions')?.has(keyOf(stream)) === true
  }

  /** Forgets a log (access withdrawn, or a reset). Gives the keys of header rows that went with it. */
  async erase(log: string): Promise<readonly RowChange[]> {
    await this.#store.eraseLog(log)
    this.#wrote?.({ erased: log })
    const gone: RowChange[] = []
    for (const [table, rows] of this.#headers) {
      for (const key of rows.keys()) {
        if (this.#headerLogs.get(rowName(table, key)) !== log) continue
        rows.delete(key)
        gone.push({ table, key, row: null } as RowChange)
      }
    }
    this.#rows.clear()
    this.#states.clear()
    for (const [name, one] of this.#left) {
      if (one.log !== log) continue
      this.#left.delete(name)
      this.tails.drop(keyOf(one.stream))
    }
    this.#filling = undefined
    this.#cursors.delete(log)
    return gone
  }

  #show(change: RowChange, log: string): void {
    const name = rowName(change.table, change.key)
    if (!isHeader(change.table)) {
      this.#rows.set(name, change.row)
      return
    }
    const table = this.#headers.get(change.table)
    if (change.row === null) table?.delete(change.key)
    else table?.set(change.key, change.row)
    this.#headerLogs.set(name, log)
  }
}

function readable(event: RecordedEvent): readonly RecordedEvent[] {
  try {
    return [parseEvent(event)]
  } catch (error) {
    console.warn(
      `Event ${event.position} of ${event.log} is kept but not shown: ${error instanceof Error ? error.message : String(error)}`,
    )
    return []
  }
}

const keyOf = (stream: string): string => stream.slice(stream.indexOf('/') + 1)
