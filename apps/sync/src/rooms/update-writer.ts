import * as Y from 'yjs'
import type { RoomRecords } from './room-store.ts'

/** What the writer stores for: a room with a number. */
export interface WritingRoom {
  readonly no: number
  /** An update is on disk: the merged one, how many it was made of, and its number. */
  stored(update: Uint8Array, count: number, seq: number): void
  /** It could not be stored. Its clients still have it. */
  failed(error: unknown): void
}

/**
 * Stores the updates of all rooms in group commits: what arrives while one is on its way to disk goes with the next,
 * each room's share merged into one update. That is also what the others are sent, so that the busier it is, the fewer
 * frames an update costs.
 */
export class UpdateWriter {
  readonly #store: Pick<RoomRecords, 'append'>
  #waiting = new Map<WritingRoom, Uint8Array[]>()
  #writing: Promise<void> | undefined

  constructor(store: Pick<RoomRecords, 'append'>) {
    this.#store = store
  }

  add(room: WritingRoom, update: Uint8Array): void {
    const updates = this.#waiting.get(room)
    if (updates) updates.push(update)
    else this.#waiting.set(room, [update])
    this.#writing ??= this.#write()
  }

  /** Settles when nothing waits any more. */
  async idle(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing
  }

  async #write(): Promise<void> {
    // What else the sockets have brought in this turn of the loop goes along.
    await new Promise((resolve) => setImmediate(resolve))
    while (this.#waiting.size > 0) {
      const batch = [...this.#waiting].map(([room, updates]) => ({ room, updates }))
      this.#waiting = new Map()
      try {
        const merged = batch.map(({ room, updates }) => ({
          room,
          count: updates.length,
          bytes: updates.length === 1 && updates[0] ? updates[0] : Y.mergeUpdates(updates),
        }))
        const numbers = await this.#store.append(merged.map(({ room, bytes }) => ({ room: room.no, bytes })))
        for (const { room, bytes, count } of merged) room.stored(bytes, count, numbers.get(room.no) ?? 0)
      } catch (error) {
        for (const { room } of batch) room.failed(error)
      }
    }
    this.#writing = undefined
  }
}
