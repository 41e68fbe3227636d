import {
  TABLE_NAMES,
  type AnyRow,
  type ItemRow,
  type RecordedEvent,
  type RowRef,
  type StreamState,
  type TableName,
} from '@coppice/events'
import type { SessionTable, SpineItem } from './replica.ts'
import { documentOf, newestFirst, type Place, type SearchDocument } from './search/documents.ts'
import { matches, type SearchQuery } from './search/query.ts'
import { spineOf } from './spine.ts'
import { rowName, type Batch, type Cursor, type LeftStream, type Store } from './store.ts'

interface Kept {
  readonly row: AnyRow
  readonly log: string
  readonly revision: number
}

/** A store in memory: for browsers without persistent storage, for one-shot programs, and as the model that the disk store is tested against. */
export class MemoryStore implements Store {
  readonly kind = 'memory'
  readonly #tables = new Map<TableName, Map<string, Kept>>(TABLE_NAMES.map((name) => [name, new Map()]))
  readonly #states = new Map<string, StreamState>()
  readonly #cursors = new Map<string, Cursor>()
  readonly #events = new Map<string, RecordedEvent[]>()
  readonly #left = new Map<string, LeftStream>()
  readonly #notes = new Map<string, string>()
  #version: number | undefined

  async projectionVersion(): Promise<number | undefined> {
    return this.#version
  }

  async cursors(): Promise<readonly Cursor[]> {
    return [...this.#cursors.values()]
  }

  async apply(batch: Batch): Promise<void> {
    const { log } = batch.cursor
    this.#keepEvents(log, batch.events)
    for (const change of batch.changes) {
      const table = this.#table(change.table)
      if (change.row === null) table.delete(change.key)
      else table.set(change.key, { row: change.row, log, revision: batch.cursor.position })
    }
    for (const { stream, state } of batch.states) this.#states.set(`${log} ${stream}`, state)
    for (const one of batch.left ?? []) this.#left.set(`${log} ${one.stream}`, { log, ...one })
    for (const stream of batch.whole ?? []) this.#left.delete(`${log} ${stream}`)
    this.#cursors.set(log, batch.cursor)
  }

  async leftStreams(): Promise<readonly LeftStream[]> {
    return [...this.#left.values()]
  }

  async note(name: string): Promise<string | undefined> {
    return this.#notes.get(name)
  }

  async keepNote(name: string, text: string): Promise<void> {
    this.#notes.set(name, text)
  }

  async all(table: TableName): Promise<readonly { key: string; log: string; row: AnyRow }[]> {
    return [...this.#table(table)].map(([key, kept]) => ({ key, log: kept.log, row: kept.row }))
  }

  async get(refs: readonly RowRef[]): Promise<ReadonlyMap<string, AnyRow>> {
    const found = new Map<string, AnyRow>()
    for (const { table, key } of refs) {
      const kept = this.#table(table).get(key)
      if (kept) found.set(rowName(table, key), kept.row)
    }
    return found
  }

  async state(log: string, stream: string): Promise<StreamState | undefined> {
    return this.#states.get(`${log} ${stream}`)
  }

  async spine(sessionId: string, newest?: number): Promise<readonly SpineItem[]> {
    const kept = [...this.#table('items').values()].filter((one) => (one.row as ItemRow).sessionId === sessionId)
    const wanted =
      newest === undefined
        ? kept
        : kept.toSorted((a, b) => (a.row as ItemRow).seq - (b.row as ItemRow).seq).slice(-newest)
    return wanted.map((one) => spineOf(one.row as ItemRow, one.revision, false))
  }

  async bySession(table: SessionTable, sessionId: string): Promise<readonly AnyRow[]> {
    return [...this.#table(table).values()]
      .map((kept) => kept.row)
      .filter((row) => 'sessionId' in row && row.sessionId === sessionId)
      .toSorted((a, b) => timeOf(a) - timeOf(b))
  }

  async events(log: string, after: number, limit: number): Promise<readonly RecordedEvent[]> {
    return (this.#events.get(log) ?? []).filter((event) => event.position > after).slice(0, limit)
  }

  /** Reads every text: good for thousands of rows, not for more. */
  async search(query: SearchQuery, limit: number, after: Place | undefined): Promise<readonly ItemRow[]> {
    const found: { row: ItemRow; document: SearchDocument }[] = []
    for (const kept of this.#table('items').values()) {
      const row = kept.row as ItemRow
      const document = documentOf(row)
      if (!document || (after && newestFirst(document, after) <= 0) || !matches(query, document.text)) continue
      found.push({ row, document })
    }
    return found
      .toSorted((a, b) => newestFirst(a.document, b.document))
      .slice(0, limit)
      .map(({ row }) => row)
  }

  async eraseLog(log: string): Promise<void> {
    for (const [name, one] of this.#left) if (one.log === log) this.#left.delete(name)
    this.#forgetRows(log)
    this.#events.delete(log)
    this.#cursors.delete(log)
  }

  async beginRebuild(): Promise<void> {
    for (const log of this.#cursors.keys()) this.#forgetRows(log)
    this.#version = undefined
  }

  async finishRebuild(projectionVersion: number): Promise<void> {
    this.#version = projectionVersion
  }

  /** Nothing to let go of: what was in it can be taken up by another core. */
  async close(): Promise<void> {
    return undefined
  }

  #table(name: TableName): Map<string, Kept> {
    const table = this.#tables.get(name)
    if (!table) throw new Error(`No table ${name}.`)
    return table
  }

  /** A joined session's past comes after what happened since. */
  #keepEvents(log: string, events: readonly RecordedEvent[]): void {
    const kept = this.#events.get(log) ?? []
    const known = new Set(
      events.length > 0 && (kept.at(-1)?.position ?? 0) >= (events[0]?.position ?? 0)
        ? kept.map((event) => event.position)
        : [],
    )
    const fresh = events.filter((event) => !known.has(event.position))
    const inOrder = (kept.at(-1)?.position ?? 0) < (fresh[0]?.position ?? Infinity)
    for (const event of fresh) kept.push(event)
    if (!inOrder) kept.sort((a, b) => a.position - b.position)
    this.#events.set(log, kept)
  }

  #forgetRows(log: string): void {
    const isLeft = (stream: string): boolean => this.#left.has(`${log} ${stream}`)
    for (const [name, table] of this.#tables) {
      for (const [key, kept] of table)
        if (kept.log === log && !(name === 'sessions' && isLeft(`session/${key}`))) table.delete(key)
    }
    for (const key of this.#states.keys())
      if (key.startsWith(`${log} `) && !isLeft(key.slice(log.length + 1))) this.#states.delete(key)
  }
}

const timeOf = (row: AnyRow): number => ('at' in row ? row.at : 0)
