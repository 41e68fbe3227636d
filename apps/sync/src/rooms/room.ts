import * as Y from 'yjs'
import { LIMITS } from '../limits.ts'
import { awarenessFrame, SYNC, syncFrame } from './frames.ts'
import { RoomAwareness, type Fresh, type ToldClient } from './room-awareness.ts'
import type { RoomRecords } from './room-store.ts'
import type { UpdateWriter, WritingRoom } from './update-writer.ts'

/** Somebody in a room. */
export interface Guest {
  readonly principalId: string
  send(frame: Uint8Array): void
  /** Reads no more, or again: the room cannot take it as fast. */
  pause(): void
  resume(): void
  close(code: number, reason: string): void
}

/**
 * A shared document and who is in it. An update is applied at once, and passed on when it is on disk: what anybody else
 * sees, no crash takes back, and whoever gets an update of their own back knows that it is kept.
 */
export class Room implements WritingRoom {
  readonly name: string
  readonly no: number
  readonly #doc = new Y.Doc()
  readonly #awareness = new RoomAwareness<Guest>()
  readonly #guests = new Set<Guest>()
  readonly #store: RoomRecords
  readonly #writer: UpdateWriter
  readonly #report: (error: unknown) => void
  readonly #broken: (room: Room) => void
  readonly #grew: () => void
  readonly #shareAwareness: (clients: readonly ToldClient[]) => void
  /** The last update that the document holds, and how many rows there are since they were made one. */
  #seq = 0
  #rows = 0
  #bytes = 0
  #unstored = 0
  #paused = false
  #catchingUp = false
  #lookAgain = false

  private constructor(of: {
    name: string
    no: number
    store: RoomRecords
    writer: UpdateWriter
    report: (error: unknown) => void
    broken: (room: Room) => void
    grew: () => void
    awareness: (clients: readonly ToldClient[]) => void
  }) {
    this.name = of.name
    this.no = of.no
    this.#store = of.store
    this.#writer = of.writer
    this.#report = of.report
    this.#broken = of.broken
    this.#grew = of.grew
    this.#shareAwareness = of.awareness
  }

  /** The room of that name with all that is stored of it. */
  static async open(
    name: string,
    parts: {
      store: RoomRecords
      writer: UpdateWriter
      report: (error: unknown) => void
      /** The document holds what could not be stored: it must be loaded anew. */
      broken: (room: Room) => void
      /** Something was stored: other servers may have guests who want it. */
      grew: () => void
      /** For other servers: what is new of those who are here. */
      awareness: (clients: readonly ToldClient[]) => void
    },
  ): Promise<Room> {
    const room = new Room({ ...parts, name, no: await parts.store.open(name) })
    for (const { seq, bytes } of await parts.store.read(room.no, 0)) room.#hold(seq, bytes)
    return room
  }

  get empty(): boolean {
    return this.#guests.size === 0
  }

  get guests(): number {
    return this.#guests.size
  }

  /** Nothing waits for the disk. */
  get settled(): boolean {
    return this.#unstored === 0
  }

  /** Lets somebody in: they are asked what they have, and told who is there. */
  enter(guest: Guest): void {
    this.#guests.add(guest)
    guest.send(syncFrame(SYNC.step1, Y.encodeStateVector(this.#doc)))
    const others = this.#awareness.all()
    if (others) guest.send(awarenessFrame(others))
  }

  leave(guest: Guest): void {
    if (!this.#guests.delete(guest)) return
    const told = this.#awareness.left(guest)
    if (told) this.#tellAwareness(told)
  }

  /** What somebody lacks who has this much. */
  missing(stateVector: Uint8Array): Uint8Array {
    return Y.encodeStateAsUpdate(this.#doc, stateVector)
  }

  /** Takes in what somebody has: of their whole state only what is new here. Throws on what is no update. */
  takeState(update: Uint8Array): 'taken' | 'full' {
    let fresh: Uint8Array | undefined
    const listen = (update: Uint8Array): void => {
      fresh = update
    }
    if (this.#isFull(update)) return 'full'
    this.#doc.on('update', listen)
    try {
      Y.applyUpdate(this.#doc, update)
    } finally {
      this.#doc.off('update', listen)
    }
    // What hangs on something that is not here yet is kept whole.
    const kept = this.#doc.store.pendingStructs === null ? fresh : update
    if (kept !== undefined) this.#keep(kept)
    return 'taken'
  }

  /** Takes in a change. Throws on what is no update. */
  takeUpdate(update: Uint8Array): 'taken' | 'full' {
    if (this.#isFull(update)) return 'full'
    Y.applyUpdate(this.#doc, update)
    this.#keep(update)
    return 'taken'
  }

  /** Passes on what is new of somebody's awareness. Throws on what is none. */
  takeAwareness(update: Uint8Array, from: Guest): void {
    const fresh = this.#awareness.take(update, from)
    // To whoever sent it too: their provider takes silence for a dead connection.
    if (fresh) this.#tellAwareness(fresh)
  }

  /** What another server says of those who are in the room there. */
  hearAwareness(clients: readonly ToldClient[]): void {
    const fresh = this.#awareness.hear(clients)
    if (fresh) this.#tell(awarenessFrame(fresh))
  }

  /** Those who are in the room through this server, for the others. */
  awarenessHere(): readonly ToldClient[] {
    return this.#awareness.here()
  }

  /** Lets go of those at other servers of whom nothing is heard any more. */
  expireAwareness(): void {
    const gone = this.#awareness.expire()
    if (gone) this.#tell(awarenessFrame(gone))
  }

  awareness(): Uint8Array | undefined {
    return this.#awareness.all()
  }

  stored(update: Uint8Array, count: number, seq: number): void {
    this.#rows += 1
    this.#unstored -= count
    this.#tell(syncFrame(SYNC.update, update))
    this.#grew()
    if (this.#paused && this.#unstored < LIMITS.roomUnstored / 2) {
      this.#paused = false
      for (const guest of this.#guests) guest.resume()
    }
    if (seq === this.#seq + 1) this.#seq = seq
    else this.lookForMore()
    if (this.#rows >= LIMITS.roomRows && this.settled) this.compact().catch(this.#report)
  }

  failed(error: unknown): void {
    this.#report(error)
    this.#broken(this)
    for (const guest of this.#guests) guest.close(1011, 'This could not be stored. What you wrote is kept with you.')
  }

  /** The last update on disk that this document holds. */
  get seq(): number {
    return this.#seq
  }

  /** Reads what another server has stored of this room, and passes it on. */
  lookForMore(): void {
    // What is being read may be from before this news.
    if (this.#catchingUp) this.#lookAgain = true
    if (this.#catchingUp) return
    this.#catchingUp = true
    this.#catchUp()
      .catch(this.#report)
      .finally(() => {
        this.#catchingUp = false
        const again = this.#lookAgain
        this.#lookAgain = false
        if (again) this.lookForMore()
      })
  }

  /** Makes all stored updates one. */
  async compact(): Promise<void> {
    if (this.#rows < 2) return
    const [upto, rows] = [this.#seq, this.#rows]
    this.#rows = 0
    const state = Y.encodeStateAsUpdate(this.#doc)
    this.#bytes = state.length
    try {
      await this.#store.compact(this.no, upto, state)
    } catch (error) {
      this.#rows += rows
      throw error
    }
  }

  close(code: number, reason: string): void {
    for (const guest of this.#guests) guest.close(code, reason)
  }

  destroy(): void {
    this.#doc.destroy()
  }

  async #catchUp(): Promise<void> {
    for (const { seq, bytes } of await this.#store.read(this.no, this.#seq)) {
      this.#hold(seq, bytes)
      this.#tell(syncFrame(SYNC.update, bytes))
    }
  }

  #hold(seq: number, bytes: Uint8Array): void {
    Y.applyUpdate(this.#doc, bytes)
    this.#seq = seq
    this.#rows += 1
    this.#bytes += bytes.length
  }

  #keep(update: Uint8Array): void {
    this.#bytes += update.length
    this.#unstored += 1
    this.#writer.add(this, update)
    if (this.#unstored < LIMITS.roomUnstored || this.#paused) return
    this.#paused = true
    for (const guest of this.#guests) guest.pause()
  }

  #isFull(update: Uint8Array): boolean {
    if (this.#bytes + update.length <= LIMITS.roomBytes || update.length <= EMPTY) return false
    // What was added counts until it is made one with the rest; what was deleted is gone then.
    this.#bytes = Y.encodeStateAsUpdate(this.#doc).length
    return this.#bytes + update.length > LIMITS.roomBytes
  }

  #tellAwareness({ update, clients }: Fresh): void {
    this.#tell(awarenessFrame(update))
    this.#shareAwareness(clients)
  }

  #tell(frame: Uint8Array): void {
    for (const guest of this.#guests) guest.send(frame)
  }
}

/** An update with nothing in it has two bytes. */
const EMPTY = 2
