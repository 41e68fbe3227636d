import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import { LIMITS } from '../limits.ts'

/** One client's state as it came: JSON text, `null` when it has left. */
interface Presence<Owner> {
  readonly clock: number
  readonly state: string
  readonly owner: Owner
}

/** Whose awareness a room's clients have: who may speak for one, and what those who come late are told (y-protocols). */
export class RoomAwareness<Owner extends { readonly principalId: string }> {
  readonly #clients = new Map<number, Presence<Owner>>()

  /**
   * Takes in an update; gives what of it is new, to be passed on, or undefined. Clients repeat what they hear, so most
   * of it is old. Nobody speaks for another person's client. Throws on what is no awareness update.
   */
  take(update: Uint8Array, from: Owner): Uint8Array | undefined {
    const decoder = decoding.createDecoder(update)
    const count = decoding.readVarUint(decoder)
    const fresh: number[] = []
    for (let n = 0; n < count; n += 1) {
      const client = decoding.readVarUint(decoder)
      const clock = decoding.readVarUint(decoder)
      const state = decoding.readVarString(decoder)
      const known = this.#clients.get(client)
      if (known !== undefined && (known.owner.principalId !== from.principalId || !isNewer(known, clock, state)))
        continue
      if (known === undefined && (state === 'null' || this.#clients.size >= LIMITS.roomClients)) continue
      if (state.length > LIMITS.awarenessState) continue
      this.#clients.set(client, { clock, state, owner: from })
      fresh.push(client)
    }
    if (fresh.length === 0) return undefined
    const told = fresh.length === count ? update : this.#encode(fresh)
    for (const client of fresh) if (this.#clients.get(client)?.state === 'null') this.#clients.delete(client)
    return told
  }

  /** All who are there, for one who has come; undefined if nobody is. */
  all(): Uint8Array | undefined {
    return this.#clients.size === 0 ? undefined : this.#encode([...this.#clients.keys()])
  }

  /** Takes out the clients of a connection that has ended; gives what to tell the others. */
  left(owner: Owner): Uint8Array | undefined {
    const gone = [...this.#clients].filter(([, presence]) => presence.owner === owner)
    for (const [client, { clock }] of gone) this.#clients.set(client, { clock: clock + 1, state: 'null', owner })
    const told = gone.length === 0 ? undefined : this.#encode(gone.map(([client]) => client))
    for (const [client] of gone) this.#clients.delete(client)
    return told
  }

  #encode(clients: readonly number[]): Uint8Array {
    const encoder = encoding.createEncoder()
    encoding.writeVarUint(encoder, clients.length)
    for (const client of clients) {
      const presence = this.#clients.get(client)
      encoding.writeVarUint(encoder, client)
      encoding.writeVarUint(encoder, presence?.clock ?? 0)
      encoding.writeVarString(encoder, presence?.state ?? 'null')
    }
    return encoding.toUint8Array(encoder)
  }
}

const isNewer = (known: { clock: number }, clock: number, state: string): boolean =>
  clock > known.clock || (clock === known.clock && state === 'null')
