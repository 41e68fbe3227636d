import type { AnyRow, ItemRow, RecordedEvent, RowChange, RowRef, StreamState, TableName } from '@coppice/events'
import type { SessionTable, SpineItem } from './replica.ts'
import type { Place } from './search/documents.ts'
import type { SearchQuery } from './search/query.ts'

export interface Cursor {
  readonly log: string
  readonly epoch: string
  readonly position: number
  /** Roots of the complete subtrees of the log's Merkle tree at `position`, hex; undefined where this replica does not know them. */
  readonly peaks?: readonly string[]
}

/** A session of which only the header is here, and the projection version of the code that made that. */
export interface LeftStream {
  readonly log: string
  readonly stream: string
  readonly projection: number
}

/** What one batch of confirmed events changes. Stored in one transaction, cursor included: never a hole, never a repeat (LF-5). */
export interface Batch {
  readonly cursor: Cursor
  readonly events: readonly RecordedEvent[]
  readonly changes: readonly RowChange[]
  readonly states: readonly { readonly stream: string; readonly state: StreamState }[]
  /** Sessions of which, from now on, only the header is here; and those that are whole from now on. */
  readonly left?: readonly Omit<LeftStream, 'log'>[]
  readonly whole?: readonly string[]
}

/** Where a replica's confirmed state is kept. Everything in it can be had again from the server; the outbox is not in it. */
export interface Store {
  readonly kind: 'persistent' | 'memory'
  /** Settles when a write failed: nothing can be read or written any more. A store in memory has none. */
  readonly broken?: Promise<Error>
  /** From now on it refuses everything with this error, and closes without being asked. */
  giveUp?(error: unknown): void
  /** Version of the projection code that wrote the rows; undefined on a new store, and where a rebuild was not finished. */
  projectionVersion(): Promise<number | undefined>
  cursors(): Promise<readonly Cursor[]>
  leftStreams(): Promise<readonly LeftStream[]>
  /** A small text kept under a name, whatever becomes of the logs. */
  note(name: string): Promise<string | undefined>
  keepNote(name: string, text: string): Promise<void>
  apply(batch: Batch): Promise<void>
  /** All rows of a table. */
  all(table: TableName): Promise<readonly { key: string; log: string; row: AnyRow }[]>
  get(refs: readonly RowRef[]): Promise<ReadonlyMap<string, AnyRow>>
  state(log: string, stream: string): Promise<StreamState | undefined>
  /** In no order where all are asked for; `newest`: only so many, those that stand last. */
  spine(sessionId: string, newest?: number): Promise<readonly SpineItem[]>
  bySession(table: SessionTable, sessionId: string): Promise<readonly AnyRow[]>
  events(log: string, after: number, limit: number): Promise<readonly RecordedEvent[]>
  /** Conversation rows that fit a query, newest first; those after a place in that order. */
  search(query: SearchQuery, limit: number, after: Place | undefined): Promise<readonly ItemRow[]>
  /** Forgets one log: rows, states, events, cursor. */
  eraseLog(log: string): Promise<void>
  /** Empties rows, states and index but keeps events, cursors and the headers of left sessions. Until the rebuild is finished the store has no version. */
  beginRebuild(): Promise<void>
  /** All rows are there: records the version of the code that wrote them. */
  finishRebuild(projectionVersion: number): Promise<void>
  close(): Promise<void>
}

/** How a row is named in maps over all tables. */
export const rowName = (table: TableName, key: string): string => `${table} ${key}`

/** What {@link rowName} named. */
export function rowNamed(name: string): RowRef {
  const end = name.indexOf(' ')
  return { table: name.slice(0, end) as TableName, key: name.slice(end + 1) }
}
