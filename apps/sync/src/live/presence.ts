import type { LogId } from '@coppice/events'
import type { Presence as PresenceMessage } from '@coppice/protocol'

interface Looker {
  readonly userId: string
  readonly name: string
}

/** A session in its log. */
export interface Place {
  readonly log: LogId
  readonly session: string
}

type Told = PresenceMessage & { readonly log: LogId }

/** Who looks at which session, by connection; a person with two windows counts once. */
export class Presence<Connection extends object> {
  readonly #at = new Map<Connection, { readonly looker: Looker; readonly places: readonly Place[] }>()
  /** By another server that shares the store: who looks through it, by place. */
  readonly #elsewhere = new Map<string, Map<string, Told>>()
  readonly #tell: (message: Told) => void
  readonly #tellServers: (here: Told) => void

  /**
   * @param tell sends a message to all who may read its log.
   * @param tellServers tells other servers who looks through this one.
   */
  constructor(tell: (message: Told) => void, tellServers: (here: Told) => void) {
    this.#tell = tell
    this.#tellServers = tellServers
  }

  /** Where a connection looks now. */
  placesOf(connection: Connection): readonly Place[] {
    return this.#at.get(connection)?.places ?? []
  }

  /** A connection looks at these sessions from now on; whoever is concerned is told. */
  move(connection: Connection, looker: Looker, places: readonly Place[]): void {
    const before = this.placesOf(connection)
    if (places.length > 0) this.#at.set(connection, { looker, places })
    else this.#at.delete(connection)
    const left = before.filter((place) => !places.some((one) => isSame(one, place)))
    const entered = places.filter((place) => !before.some((one) => isSame(one, place)))
    for (const place of [...left, ...entered]) {
      this.#tell(this.#message(place))
      this.#tellServers(this.#here(place))
    }
  }

  /** Everybody who looks at something through this server. */
  here(): Told[] {
    return distinct([...this.#at.values()].flatMap((at) => at.places)).map((place) => this.#here(place))
  }

  /** Another server says who looks at a session through it. */
  elsewhere(server: string, { log, session, people }: Omit<Told, 't'>): void {
    const places = this.#elsewhere.get(server) ?? new Map<string, Told>()
    this.#elsewhere.set(server, places)
    const key = keyOf({ log, session })
    if (JSON.stringify(places.get(key)?.people ?? []) === JSON.stringify(people)) return
    if (people.length > 0) places.set(key, { t: 'presence', log, session, people })
    else places.delete(key)
    this.#tell(this.#message({ log, session }))
  }

  /** Another server says all that there is to say; nobody, when it has gone. */
  allElsewhere(server: string, told: readonly Omit<Told, 't'>[]): void {
    const gone = [...(this.#elsewhere.get(server)?.values() ?? [])].filter(
      (before) => !told.some((now) => isSame(before, now)),
    )
    for (const { log, session } of gone) this.elsewhere(server, { log, session, people: [] })
    for (const one of told) this.elsewhere(server, one)
    if (told.length === 0) this.#elsewhere.delete(server)
  }

  /** Everybody who looks at something in a log: for one who has just come. */
  inLog(log: LogId): PresenceMessage[] {
    const here: Place[] = [...this.#at.values()].flatMap((at) => at.places)
    const elsewhere = [...this.#elsewhere.values()].flatMap((places) => [...places.values()])
    return distinct([...here, ...elsewhere].filter((place) => place.log === log)).map((place) => this.#message(place))
  }

  #here(place: Place): Told {
    const people = new Map<string, Looker>()
    for (const { looker, places } of this.#at.values()) {
      if (places.some((one) => isSame(one, place))) people.set(looker.userId, looker)
    }
    return { t: 'presence', log: place.log, session: place.session, people: [...people.values()] }
  }

  #message(place: Place): Told {
    const here = this.#here(place)
    const people = new Map<string, Looker>(here.people.map((one) => [one.userId, one]))
    for (const places of this.#elsewhere.values())
      for (const one of places.get(keyOf(place))?.people ?? []) people.set(one.userId, one)
    return { ...here, people: [...people.values()] }
  }
}

const keyOf = ({ log, session }: Place): string => `${log} ${session}`

const distinct = (places: readonly Place[]): Place[] => [
  ...new Map(places.map((place) => [keyOf(place), place])).values(),
]

const isSame = (a: Place, b: Place): boolean => a.log === b.log && a.session === b.session
