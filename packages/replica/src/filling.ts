import {
  evolve,
  initialState,
  project,
  type AnyRow,
  type LogId,
  type ReadRow,
  type RecordedEvent,
  type RowChange,
  type Rows,
  type StreamId,
  type StreamState,
} from '@coppice/events'
import { isHeader } from './replica.ts'
import { rowName } from './store.ts'

/**
 * A session whose past is arriving, part by part. Its header and state are folded aside, from nothing: until the last
 * part is there, the ones that are shown are newer than what these would be.
 */
export class Filling {
  readonly log: string
  readonly stream: string
  #version = 0
  #state: StreamState
  readonly #headers = new Map<string, RowChange>()

  /** @throws {Error} for a stream that has no place in that log. */
  constructor(log: string, stream: string) {
    const state = initialState(log as LogId, stream as StreamId)
    if (state === undefined) throw new Error(`${stream} has no place in log ${log}`)
    this.log = log
    this.stream = stream
    this.#state = state
  }

  /** How many of the stream's events are folded. */
  get version(): number {
    return this.#version
  }

  get state(): StreamState {
    return this.#state
  }

  get headers(): readonly RowChange[] {
    return [...this.#headers.values()]
  }

  /** Folds a part. Gives the rows that are not headers; `read` must answer for those that the events name. */
  fold(known: readonly RecordedEvent[], count: number, read: ReadRow): readonly RowChange[] {
    const over = new Map<string, AnyRow | null>()
    const changes: RowChange[] = []
    const readOver: ReadRow = (table, key) => {
      const name = rowName(table, key)
      const row = isHeader(table) ? (this.#headers.get(name)?.row ?? null) : over.get(name)
      return row === undefined ? read(table, key) : ((row ?? undefined) as Rows[typeof table] | undefined)
    }
    for (const event of known) {
      this.#state = evolve(this.#state, event)
      for (const change of project(event, readOver)) {
        const name = rowName(change.table, change.key)
        if (isHeader(change.table)) this.#headers.set(name, change)
        else {
          over.set(name, change.row)
          changes.push(change)
        }
      }
    }
    this.#version += count
    return changes
  }
}
