import type { Bus } from '../bus/bus.ts'
import { LIMITS } from '../limits.ts'
import { AwarenessBus } from './awareness-bus.ts'
import { Room } from './room.ts'
import type { RoomRecords } from './room-store.ts'
import { departed, type ToldClient } from './room-awareness.ts'
import { UpdateWriter } from './update-writer.ts'

/** The rooms that somebody is in, and for a while those that everybody has just left. */
export class Rooms {
  readonly #open = new Map<string, Promise<Room>>()
  readonly #store: RoomRecords
  readonly #writer: UpdateWriter
  readonly #report: (error: unknown) => void
  readonly #grew: (name: string) => void
  #others: AwarenessBus | undefined
  #looking: NodeJS.Timeout | undefined

  /** @param grew called with the name of a room that has stored something. */
  constructor(store: RoomRecords, report: (error: unknown) => void, grew: (name: string) => void) {
    this.#grew = grew
    this.#store = store
    this.#writer = new UpdateWriter(store)
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
      awareness: (clients) => this.#others?.tell(name, clients),
    })
    this.#open.set(name, opening)
    opening.then(
      () => this.#others?.ask(name),
      () => this.#open.delete(name),
    )
    return opening
  }

  /** Another server has stored something of a room: whoever is in it here gets it. */
  lookForMore(name: string): void {
    this.#at(name, (room) => room.lookForMore())
  }

  /** Somebody has left: an empty room goes from memory after a while, its updates made one. */
  left(room: Room): void {
    if (room.empty) setTimeout(() => void this.#unload(room).catch(this.#report), LIMITS.roomLingerMs).unref()
  }

  /** Lets rooms of the same name at other servers hear of who is here, and hears of theirs. */
  meet(bus: Bus): void {
    const rooms = {
      hear: (name: string, clients: readonly ToldClient[]) => this.#at(name, (room) => room.hearAwareness(clients)),
      here: async (name: string) => (await this.#open.get(name))?.awarenessHere() ?? [],
      names: () => this.#open.keys(),
    }
    this.#others = new AwarenessBus(bus, rooms, this.#report)
    this.#looking = setInterval(() => {
      for (const name of this.#open.keys()) this.#at(name, (room) => room.expireAwareness())
      // That the database is gone is said once, by those who look how far the logs have come.
      this.#lookForLost().catch(() => undefined)
    }, LIMITS.roomLookMs)
    this.#looking.unref()
  }

  /** What the bus has lost is late, not missing: looks how far each room has come. */
  async #lookForLost(): Promise<void> {
    const rooms: Room[] = []
    // One that cannot be loaded has told those who wanted in.
    for (const opening of this.#open.values())
      await opening.then(
        (room) => rooms.push(room),
        () => undefined,
      )
    if (rooms.length === 0) return
    const heads = await this.#store.heads(rooms.map(({ no }) => no))
    for (const room of rooms) if (room.seq < (heads.get(room.no) ?? 0)) room.lookForMore()
  }

  #at(name: string, act: (room: Room) => void): void {
    // One that cannot be loaded has told those who wanted in.
    this.#open.get(name)?.then(act, () => undefined)
  }

  /** Tells other servers that those who are here go. Settles when all that was taken in is on disk. */
  async close(): Promise<void> {
    clearInterval(this.#looking)
    for (const name of this.#open.keys())
      this.#at(name, (room) => {
        const gone = room.awarenessHere().map(departed)
        if (gone.length > 0) this.#others?.tell(name, gone)
      })
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
