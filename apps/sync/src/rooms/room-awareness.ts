import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import { LIMITS } from '../limits.ts'

/** One client's state as it came: JSON text, `null` when it has left; and whose client it is. */
export interface ToldClient {
  readonly client: number
  readonly clock: number
  readonly state: string
  readonly principalId: string
}

interface Known<Owner> extends ToldClient {
  /** The connection it is on; undefined where that is at another server. */
  readonly owner: Owner | undefined
  /** When it was heard of last, milliseconds. */
  readonly heardAt: number
}

/** What is new: for the guests here, and for other servers. */
export interface Fresh {
  readonly update: Uint8Array
  readonly clients: readonly ToldClient[]
}

/**
 * Whose awareness a room's clients have, here and at other servers: who may speak for one, and what those who come late are
 * told (y-protocols). Clients at other servers are forgotten when nothing is heard of them for longer than a client is ever
 * silent: their server may have died.
 */
export class RoomAwareness<Owner extends { readonly principalId: string }> {
  readonly #clients = new Map<number, Known<Owner>>()

  /**
   * Takes in an update; gives what of it is new, to be passed on, or undefined. Clients repeat what they hear, so most
   * of it is old. Nobody speaks for another person's client. Throws on what is no awareness update.
   */
  take(update: Uint8Array, from: Owner, now = performance.now()): Fresh | undefined {
    const decoder = decoding.createDecoder(update)
    const count = decoding.readVarUint(decoder)
    const fresh: ToldClient[] = []
    for (let n = 0; n < count; n += 1) {
      const client = decoding.readVarUint(decoder)
      const clock = decoding.readVarUint(decoder)
      const state = decoding.readVarString(decoder)
      const told = { client, clock, state, principalId: from.principalId }
      const known = this.#clients.get(client)
      if (known !== undefined && (known.principalId !== from.principalId || !isNewer(known, told))) continue
      if (this.#keep(told, from, now)) fresh.push(told)
    }
    if (fresh.length === 0) return undefined
    return { update: fresh.length === count ? update : encode(fresh), clients: fresh }
  }

  /** What another server says of clients there; gives what of it is new here, for the guests. */
  hear(clients: readonly ToldClient[], now = performance.now()): Uint8Array | undefined {
    const fresh: ToldClient[] = []
    for (const told of clients) {
      const known = this.#clients.get(told.client)
      const isSame = known?.principalId === told.principalId
      // It went from here to there, and said the same again: it does not leave when its connection here is found dead.
      const moved = isSame && known.owner !== undefined && told.clock === known.clock && told.state === known.state
      if (moved) this.#keep(told, undefined, now)
      else if (known === undefined || (isSame && isNewer(known, told))) {
        if (this.#keep(told, undefined, now)) fresh.push(told)
      }
    }
    return fresh.length === 0 ? undefined : encode(fresh)
  }

  /** All who are there, for one who has come; undefined if nobody is. */
  all(): Uint8Array | undefined {
    return this.#clients.size === 0 ? undefined : encode([...this.#clients.values()])
  }

  /** Those who are here, for another server. */
  here(): ToldClient[] {
    return [...this.#clients.values()].filter(({ owner }) => owner !== undefined).map(plain)
  }

  /** Takes out the clients of a connection that has ended; gives what to tell the others. */
  left(owner: Owner): Fresh | undefined {
    return this.#takeOut((known) => known.owner === owner)
  }

  /** Takes out the clients of other servers that nothing was heard of for too long; gives what to tell the guests. */
  expire(now = performance.now()): Uint8Array | undefined {
    return this.#takeOut((known) => known.owner === undefined && known.heardAt + LIMITS.awarenessSilenceMs < now)
      ?.update
  }

  /** False where nothing of it is to be told: there is no room for more, or it left before anybody knew it. */
  #keep(told: ToldClient, owner: Owner | undefined, now: number): boolean {
    const isKnown = this.#clients.has(told.client)
    if (!isKnown && (told.state === 'null' || this.#clients.size >= LIMITS.roomClients)) return false
    if (told.state.length > LIMITS.awarenessState) return false
    if (told.state === 'null') this.#clients.delete(told.client)
    else this.#clients.set(told.client, { ...told, owner, heardAt: now })
    return true
  }

  #takeOut(which: (known: Known<Owner>) => boolean): Fresh | undefined {
    const gone = [...this.#clients.values()].filter(which)
    for (const { client } of gone) this.#clients.delete(client)
    if (gone.length === 0) return undefined
    const clients = gone.map(departed)
    return { update: encode(clients), clients }
  }
}

/**
 * That a client has left, in its own clock's count: if it comes back, the next thing that it says is newer. With a higher one
 * it would be taken for old, and not be seen for a while.
 */
export const departed = (one: ToldClient): ToldClient => ({ ...plain(one), state: 'null' })

const plain = ({ client, clock, state, principalId }: ToldClient): ToldClient => ({ client, clock, state, principalId })

function encode(clients: readonly ToldClient[]): Uint8Array {
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, clients.length)
  for (const { client, clock, state } of clients) {
    encoding.writeVarUint(encoder, client)
    encoding.writeVarUint(encoder, clock)
    encoding.writeVarString(encoder, state)
  }
  return encoding.toUint8Array(encoder)
}

const isNewer = (known: { clock: number }, told: { clock: number; state: string }): boolean =>
  told.clock > known.clock || (told.clock === known.clock && told.state === 'null')
