import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { Bus } from '../bus/bus.ts'
import type { ToldClient } from './room-awareness.ts'

// Another name than that of an earlier form, which a server of another version may still speak.
const TOPIC = 'yjs-clients'

/** What a server tells the others of a room's awareness. `asks`: somebody is in it here, say who is in it with you. */
const messageSchema = z.object({
  from: z.string(),
  room: z.string(),
  asks: z.boolean(),
  clients: z.array(z.object({ client: z.int(), clock: z.int(), state: z.string(), principalId: z.string() })),
})

/** The rooms of this server, as other servers' news concern them. */
export interface RoomsHere {
  hear(room: string, clients: readonly ToldClient[]): void
  /** Those who are in a room here; empty where the room is not in memory. */
  here(room: string): Promise<readonly ToldClient[]>
  /** Rooms in memory. */
  names(): Iterable<string>
}

/** Carries who is in which room, and where their cursors are, between servers. What is lost is said again within seconds. */
export class AwarenessBus {
  readonly #bus: Bus
  readonly #id = randomUUID()

  constructor(bus: Bus, rooms: RoomsHere, report: (error: unknown) => void) {
    this.#bus = bus
    bus.listen(TOPIC, (text) => {
      const parsed = messageSchema.safeParse(JSON.parse(text))
      // A server of another version says things that this one does not know.
      if (!parsed.success || parsed.data.from === this.#id) return
      const { room, asks, clients } = parsed.data
      rooms.hear(room, clients)
      if (!asks) return
      rooms
        .here(room)
        .then((here) => here.length > 0 && this.tell(room, here))
        .catch(report)
    })
    // What was said meanwhile did not arrive.
    bus.onConnect(() => {
      for (const room of rooms.names()) this.#publish(room, true, [])
    })
  }

  tell(room: string, clients: readonly ToldClient[]): void {
    this.#publish(room, false, clients)
  }

  /** Asks the others who is in a room there. */
  ask(room: string): void {
    this.#publish(room, true, [])
  }

  #publish(room: string, asks: boolean, clients: readonly ToldClient[]): void {
    this.#bus.publish(TOPIC, JSON.stringify({ from: this.#id, room, asks, clients }))
  }
}
