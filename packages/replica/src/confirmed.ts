import {
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
import { LruMap } from './lru.ts'
import { HEADER_TABLES } from './replica.ts'
import { rowName, type Cursor, type Store } from './store.ts'

const isHeader = (table: TableName): boolean => (HEADER_TABLES as readonly string[]).includes(table)

/** Rows of other tables kept in memory for the next event that touches them. */
const CACHED_ROWS = 4_000
const CACHED_STATES = 500

/**
 * The confirmed state: the store, with what is hot in memory. Header tables are held whole; items and stream states in
 * bounded caches. Only {@link ConfirmedState.apply} changes it, one batch at a time.
 */
export class ConfirmedState {
  readonly #store: Store
  readonly #headers = new Map<TableName, Map<string, AnyRow>>()
  readonly #headerLogs = new Map<string, string>()
  readonly #rows = new LruMap<string, AnyRow | null>(CACHED_ROWS)
  readonly #states = new LruMap<string, StreamState>(CACHED_STATES)
  readonly #cursors = new Map<string, Cursor>()

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
    return confirmed
  }

  cursor(log: string): Cursor | undefined {
    return this.#cursors.get(log)
  }

  logs(): readonly string[] {
    return [...this.#cursors.keys()]
  }

  header(table: TableName): ReadonlyMap<string, AnyRow> {
    return this.#headers.get(table) ?? new Map()
  }

  /** A row in memory; `undefined` also where it has not been loaded: see {@link ConfirmedState.preload}. */
  readonly read: ReadRow = (table, key) => {
    const row = isHeader(table) ? this.#headers.get(table)?.get(key) : this.#rows.get(rowName(table, key))
    return (row ?? undefined) as Rows[typeof table] | undefined
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
   * Events that do not fit their schema, or are of unknown types, are kept and skipped (EV-4). `unstored` are those that
   * the store does not hold yet.
   */
  async apply(
    cursor: Cursor,
    events: readonly RecordedEvent[],
    unstored: readonly RecordedEvent[] = events,
  ): Promise<readonly RowChange[]> {
    const known: RecordedEvent[] = events.flatMap((event) => readable(event))
    await this.preload(known.flatMap((event) => rowRefs(event)))
    const states = new Map<string, StreamState>()
    const overlay = new Map<string, AnyRow | null>()
    const changes: RowChange[] = []
    const read: ReadRow = (table, key) => {
      const over = overlay.get(rowName(table, key))
      return over === undefined ? this.read(table, key) : ((over ?? undefined) as Rows[typeof table] | undefined)
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
    await this.#store.apply({
      cursor,
      events: unstored,
      changes,
      states: [...states].map(([stream, state]) => ({ stream, state })),
    })
    for (const [stream, state] of states) this.#states.set(`${cursor.log} ${stream}`, state)
    for (const change of changes) this.#show(change, cursor.log)
    this.#cursors.set(cursor.log, cursor)
    return changes
  }

  /** Forgets a log (access withdrawn, or a reset). Gives the keys of header rows that went with it. */
  async erase(log: string): Promise<readonly RowChange[]> {
    await this.#store.eraseLog(log)
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
