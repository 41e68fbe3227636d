import {
  emptyOverlay,
  rebase,
  type Command,
  type ItemRow,
  type LogId,
  type Overlay,
  type ReadRow,
  type RowChange,
  type RowRef,
  type Rows,
  type StreamId,
} from '@coppice/events'
import type { ConfirmedState } from './confirmed.ts'
import type { Notice } from './port.ts'
import { HEADER_TABLES, isSessionTable, type SessionTable, type SpineItem } from './replica.ts'
import { spineOf } from './spine.ts'
import { rowName, type Store } from './store.ts'

/** Revisions of optimistic items lie past every log position. */
const OPTIMISTIC_REVISION = 2 ** 50

/** What is there first when a conversation is opened: more than a screen shows, and the bodies of what a tall one may show. */
const NEWEST_ROWS = 120
const NEWEST_BODIES = 80

/** The key of a row of {@link SessionTable}, as it stands in the row itself. */
const keyIn = {
  checkpoints: 'checkpointId',
  operations: 'operationId',
  comments: 'commentId',
  processes: 'runId',
  hookRounds: 'roundId',
} as const
const keyOf = <T extends SessionTable>(table: T, row: Rows[T]): string =>
  String((row as unknown as Record<string, unknown>)[keyIn[table]])

/** What the screen shows: the confirmed state with the overlay of pending commands on top. */
export class View {
  readonly #confirmed: ConfirmedState
  #store: Store
  readonly #userId: string
  #overlay: Overlay = emptyOverlay
  #generation = 0

  constructor(confirmed: ConfirmedState, store: Store, userId: string) {
    this.#confirmed = confirmed
    this.#store = store
    this.#userId = userId
  }

  /** Goes on in a store that holds the same. */
  moveTo(store: Store): void {
    this.#store = store
  }

  readonly read: ReadRow = (table, key) => {
    const over = this.#overlay.rows.get(table)?.get(key)
    return over === undefined
      ? this.#confirmed.read(table, key)
      : ((over ?? undefined) as Rows[typeof table] | undefined)
  }

  /** Builds the overlay anew and gives every row that may look different now. */
  async rebuild(
    pending: readonly Command[],
    confirmedChanges: readonly RowChange[],
    now: number,
  ): Promise<readonly RowRef[]> {
    const before = this.#overlay
    this.#overlay = await this.#rebased(pending, now)
    this.#generation += 1
    const touched = new Map<string, RowRef>()
    for (const change of confirmedChanges) touched.set(rowName(change.table, change.key), change)
    for (const overlay of [before, this.#overlay]) {
      for (const [table, rows] of overlay.rows)
        for (const key of rows.keys()) touched.set(rowName(table, key), { table, key })
    }
    return [...touched.values()]
  }

  /** Names of rows that only look as they do because of pending commands. */
  pendingNames(): readonly string[] {
    return [...this.#overlay.rows].flatMap(([table, rows]) => [...rows.keys()].map((key) => rowName(table, key)))
  }

  headers(): readonly RowChange[] {
    const headers: RowChange[] = []
    for (const table of HEADER_TABLES) {
      const keys = new Set([...this.#confirmed.header(table).keys(), ...(this.#overlay.rows.get(table)?.keys() ?? [])])
      for (const key of keys) {
        const row = this.read(table, key)
        if (row) headers.push({ table, key, row } as RowChange)
      }
    }
    return headers
  }

  /** All sessions as they look now. */
  sessions(): readonly Rows['sessions'][] {
    const keys = new Set([
      ...this.#confirmed.header('sessions').keys(),
      ...(this.#overlay.rows.get('sessions')?.keys() ?? []),
    ])
    return [...keys].flatMap((key) => this.read('sessions', key) ?? [])
  }

  /** Conversation rows that pending commands changed, by id; null where they took one away. */
  pendingItems(): ReadonlyMap<string, ItemRow | null> {
    return (this.#overlay.rows.get('items') ?? new Map()) as ReadonlyMap<string, ItemRow | null>
  }

  async bodies(itemIds: readonly string[]): Promise<readonly ItemRow[]> {
    await this.#confirmed.preload(itemIds.map((key) => ({ table: 'items', key })))
    return itemIds.flatMap((key) => this.read('items', key) ?? [])
  }

  async spine(sessionId: string): Promise<readonly SpineItem[]> {
    return this.#overlaid(sessionId, this.#tail(sessionId) ?? (await this.#store.spine(sessionId)))
  }

  /** What is shown of a conversation whose past is still coming, instead of the part of it that is stored already. */
  #tail(sessionId: string): readonly SpineItem[] | undefined {
    return this.#confirmed.tails.of(sessionId)?.map((row) => this.#spineItem(row))
  }

  /** The newest part of a conversation, with the bodies a screen begins with; `more`: there are older rows. */
  async newest(sessionId: string): Promise<{ spine: readonly SpineItem[]; bodies: readonly ItemRow[]; more: boolean }> {
    const tail = this.#tail(sessionId)
    const stored = tail ?? (await this.#store.spine(sessionId, NEWEST_ROWS))
    const spine = this.#overlaid(sessionId, stored)
    const last = spine.toSorted((a, b) => a.seq - b.seq).slice(-NEWEST_BODIES)
    const bodies = await this.bodies(last.map(({ itemId }) => itemId))
    return { spine, bodies, more: tail === undefined && stored.length === NEWEST_ROWS }
  }

  #overlaid(sessionId: string, stored: readonly SpineItem[]): readonly SpineItem[] {
    const spine = new Map(stored.map((item) => [item.itemId, item]))
    for (const [key, row] of this.#overlay.rows.get('items') ?? []) {
      if (row === null) spine.delete(key)
      else if ((row as ItemRow).sessionId === sessionId) spine.set(key, this.#spineItem(row as ItemRow))
    }
    return [...spine.values()]
  }

  /** Rows of one table that belong to a session, oldest first. */
  async ofSession<T extends SessionTable>(table: T, sessionId: string): Promise<readonly Rows[T][]> {
    const stored = (await this.#store.bySession(table, sessionId)) as readonly Rows[T][]
    const rows = new Map(stored.map((row) => [keyOf(table, row), row]))
    for (const [key, row] of this.#overlay.rows.get(table) ?? []) {
      const changed = row as Rows[T] | null
      if (changed === null) rows.delete(key)
      else if (changed.sessionId === sessionId) rows.set(key, changed)
    }
    return [...rows.values()]
  }

  /** What to tell pages of rows that changed; items only of conversations that are open somewhere. */
  notices(refs: readonly RowRef[], isOpen: (sessionId: string) => boolean): readonly Notice[] {
    const headers: RowChange[] = []
    const items = new Map<string, ItemRow[]>()
    const gone: string[] = []
    const ofSessions = new Map<SessionTable, Set<string>>()
    for (const { table, key } of refs) {
      if (table === 'items') {
        const row = this.read('items', key)
        if (!row) gone.push(key)
        else if (isOpen(row.sessionId)) items.set(row.sessionId, [...(items.get(row.sessionId) ?? []), row])
      } else if (isSessionTable(table)) {
        const row = this.read(table, key)
        // What is gone does not say whose it was: everybody looks again.
        ofSessions.set(table, (ofSessions.get(table) ?? new Set()).add(row?.sessionId ?? ''))
      } else {
        headers.push({ table, key, row: this.read(table, key) ?? null } as RowChange)
      }
    }
    const notices: Notice[] = []
    if (headers.length > 0) notices.push({ n: 'rows', changes: headers, pending: this.pendingNames() })
    if (gone.length > 0) notices.push({ n: 'gone', itemIds: gone })
    for (const [sessionId, bodies] of items) {
      notices.push({ n: 'items', sessionId, spine: bodies.map((row) => this.#spineItem(row)), bodies })
    }
    for (const [table, sessions] of ofSessions)
      for (const sessionId of sessions) notices.push({ n: 'ofSession', table, sessionId })
    return notices
  }

  #spineItem(row: ItemRow): SpineItem {
    const optimistic = this.#overlay.rows.get('items')?.has(row.itemId) === true
    const position = this.#confirmed.cursor(`workspace:${row.workspaceId}`)?.position ?? 0
    return spineOf(row, optimistic ? OPTIMISTIC_REVISION + this.#generation : position, optimistic)
  }

  /** Rows that the rebase wants but that are not in memory are loaded, and it is done again: it is pure and small. */
  async #rebased(pending: readonly Command[], now: number): Promise<Overlay> {
    if (pending.length === 0) return emptyOverlay
    for (const command of pending) await this.#confirmed.loadState(command.log, command.stream)
    const actor = { kind: 'user' as const, id: this.#userId }
    const stateOf = (log: LogId, stream: StreamId) => this.#confirmed.stateOf(log, stream)
    for (;;) {
      const missing: RowRef[] = []
      const read: ReadRow = (table, key) => {
        const ref = { table, key } as RowRef
        if (!this.#confirmed.isLoaded(ref)) missing.push(ref)
        return this.#confirmed.read(table, key)
      }
      const overlay = rebase(pending, { stateOf, read }, actor, now)
      if (missing.length === 0) return overlay
      await this.#confirmed.preload(missing)
    }
  }
}
