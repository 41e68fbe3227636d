import { evolve, initialState, type LogId, type StreamId, type StreamState } from '@coppice/events'
import type { Store } from '../store/store-calls.ts'
import { LIMITS } from '../limits.ts'
import { RecentMap } from './recent-map.ts'
import { readBody } from './stored-event.ts'

/** A stream's decision state after `version` events. */
export interface Held {
  readonly state: StreamState
  readonly version: number
}

/** Decision states of one log's streams: the ones used last in memory, the others folded from their events when needed. */
export class StreamStates {
  readonly #store: Pick<Store, 'readStream'>
  readonly #log: LogId
  readonly #logNo: number
  readonly #held = new RecentMap<StreamId, Held>(LIMITS.streamStates)
  #generation = 0

  constructor(store: Pick<Store, 'readStream'>, log: LogId, logNo: number) {
    this.#store = store
    this.#log = log
    this.#logNo = logNo
  }

  /** The state if it is in memory. */
  peek(stream: StreamId): Held | undefined {
    return this.#held.get(stream)
  }

  set(stream: StreamId, held: Held): void {
    this.#held.set(stream, held)
  }

  /** Folds the stream's stored events. Undefined for a stream that has no place in this log. */
  async load(stream: StreamId): Promise<Held | undefined> {
    const initial = initialState(this.#log, stream)
    if (initial === undefined) return undefined
    const generation = this.#generation
    const bodies = await this.#store.readStream(this.#logNo, stream)
    const held = { state: bodies.map(readBody).reduce(evolve, initial), version: bodies.length }
    // Read while everything was forgotten, or while more was appended: it may be from before that.
    const newer = this.peek(stream)
    if (newer !== undefined && newer.version >= held.version) return newer
    if (generation === this.#generation) this.set(stream, held)
    return held
  }

  /** Forgets everything, after another writer appended. */
  clear(): void {
    this.#generation += 1
    this.#held.clear()
  }
}
