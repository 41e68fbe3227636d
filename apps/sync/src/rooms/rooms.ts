import type { Bus } from '../bus/bus.ts'
import { LIMITS } from '../limits.ts'
import type { Store } from '../store/store-calls.ts'
import { Room } from './room.ts'
import { RoomStore } from './room-store.ts'
import { UpdateWriter } from './update-writer.ts'

/** The bus's topic: a room, and what is new of its awareness. */
const AWARENESS = 'yjs-awareness'

/** The rooms that somebody is in, and for a while those that everybody has just left. */
export class Rooms {
  readonly #open = new Map<string, Promise<Room>>()
  readonly #store: RoomStore
  readonly #writer: UpdateWriter
  readonly #report: (error: unknown) => void
  readonly #grew: (name: string) => void
  #bus: Bus | undefined

  /** @param grew called with the name of a room that has stored something. */
  constructor(store: Pick<Store, 'query'>, report: (error: unknown) => void, grew: (name: string) => void) {
    this.#grew = grew
    this.#store = new RoomStore(store)
    this.#writer = new UpdateWriter(this.#store)
    this.#report = report
  }

  /** The room of that name, loaded. Two who come at once find the same. */
  open(name: string): Promise<Room> {
    const there = this.#open.get(name)
    if (there) return there
    const opening = Room.open(name, {
      store: this.#store,
      writer: this.#writer,
      report: this.#report,
      broken: () => this.#open.delete(name),
      grew: () => this.#grew(name),
      awareness: (update) => this.#bus?.publish(AWARENESS, `${name} ${Buffer.from(update).toString('base64')}`),
    })
    this.#open.set(name, opening)
    opening.catch(() => this.#open.delete(name))
    return opening
  }

  /** Another server has stored something of a room: whoever is in it here gets it. */
  lookForMore(name: string): void {
    // One that cannot be loaded has told those who wanted in.
    this.#open.get(name)?.then(
      (room) => room.lookForMore(),
      () => undefined,
    )
  }

  /** Somebody has left: an empty room goes from memory after a while, its updates made one. */
  left(room: Room): void {
    if (room.empty) setTimeout(() => void this.#unload(room).catch(this.#report), LIMITS.roomLingerMs).unref()
  }

  /** Lets rooms of the same name at other servers hear of cursors, and hears of theirs. */
  meet(bus: Bus): void {
    this.#bus = bus
    bus.listen(AWARENESS, (text) => {
      const [name, update] = text.split(' ')
      if (name !== undefined && update !== undefined)
        this.#at(name, (room) => room.hearAwareness(Buffer.from(update, 'base64')))
    })
  }

  #at(name: string, act: (room: Room) => void): void {
    this.#open.get(name)?.then(act).catch(this.#report)
  }

  /** Settles when all that was taken in is on disk. */
  async close(): Promise<void> {
    await this.#writer.idle()
  }

  async #unload(room: Room): Promise<void> {
    if (!room.empty || !room.settled || (await this.#open.get(room.name)) !== room) return
    await room.compact()
    // Somebody may have come in meanwhile.
    if (!room.empty || !room.settled) return
    this.#open.delete(room.name)
    room.destroy()
  }
}
