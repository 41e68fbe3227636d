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
  readonly #tell: (message: Told) => void

  /** @param tell sends a message to all who may read its log. */
  constructor(tell: (message: Told) => void) {
    this.#tell = tell
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
    for (const place of [...left, ...entered]) this.#tell(this.#message(place))
  }

  /** Everybody who looks at something in a log: for one who has just come. */
  inLog(log: LogId): PresenceMessage[] {
    const places = [...this.#at.values()].flatMap((at) => at.places).filter((place) => place.log === log)
    return [...new Set(places.map((place) => place.session))].map((session) => this.#message({ log, session }))
  }

  #message(place: Place): Told {
    const people = new Map<string, Looker>()
    for (const { looker, places } of this.#at.values()) {
      if (places.some((one) => isSame(one, place))) people.set(looker.userId, looker)
    }
    return { t: 'presence', ...place, people: [...people.values()] }
  }
}

const isSame = (a: Place, b: Place): boolean => a.log === b.log && a.session === b.session
