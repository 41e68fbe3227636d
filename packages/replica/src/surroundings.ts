import type { ActivityMessage, Presence } from '@coppice/protocol'
import type { Notice } from './port.ts'

/** Who else is there right now: runners, and people who look at sessions. Nothing of it outlives the connection. */
export class Surroundings {
  readonly #notify: (notice: Notice) => void
  readonly #presence = new Map<string, Presence>()
  readonly #activities = new Map<string, ActivityMessage>()
  #runnersOnline: readonly string[] = []

  constructor(notify: (notice: Notice) => void) {
    this.#notify = notify
  }

  get presence(): readonly Presence[] {
    return [...this.#presence.values()]
  }

  get activities(): readonly ActivityMessage[] {
    return [...this.#activities.values()]
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

  /** What an agent is at. */
  activity(activity: ActivityMessage): void {
    if (activity.over) this.#activities.delete(activity.session)
    else this.#activities.set(activity.session, activity)
    this.#notify({ n: 'activity', activity })
  }

  /** The connection is gone: pages forget people by themselves. */
  lost(): void {
    this.#presence.clear()
    this.#activities.clear()
    this.runners([])
  }
}
