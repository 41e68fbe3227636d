import type { Presence } from '@coppice/protocol'
import type { Notice } from './port.ts'

/** Who else is there right now: runners, and people who look at sessions. Nothing of it outlives the connection. */
export class Surroundings {
  readonly #notify: (notice: Notice) => void
  readonly #presence = new Map<string, Presence>()
  #runnersOnline: readonly string[] = []

  constructor(notify: (notice: Notice) => void) {
    this.#notify = notify
  }

  get presence(): readonly Presence[] {
    return [...this.#presence.values()]
  }

  get runnersOnline(): readonly string[] {
    return this.#runnersOnline
  }

  runners(online: readonly string[]): void {
    this.#runnersOnline = online
    this.#notify({ n: 'runners', online })
  }

  people(presence: Presence): void {
    if (presence.people.length > 0) this.#presence.set(presence.session, presence)
    else this.#presence.delete(presence.session)
    this.#notify({ n: 'presence', presence })
  }

  /** The connection is gone: pages forget people by themselves. */
  lost(): void {
    this.#presence.clear()
    this.runners([])
  }
}
