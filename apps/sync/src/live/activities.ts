import type { LogId } from '@coppice/events'
import type { ActivityMessage } from '@coppice/protocol'
import { LIMITS } from '../limits.ts'

/** What the agents of all sessions are at, as last told; for those who come later. Nothing of it is stored. */
export class Activities {
  readonly #last = new Map<string, ActivityMessage>()

  /** Takes note of a word. The oldest is let go where there are too many. */
  take(message: ActivityMessage): void {
    this.#last.delete(message.session)
    if (message.over) return
    this.#last.set(message.session, message)
    const oldest = this.#last.keys().next()
    if (this.#last.size > LIMITS.activities && !oldest.done) this.#last.delete(oldest.value)
  }

  inLog(log: LogId): readonly ActivityMessage[] {
    return [...this.#last.values()].filter((one) => one.log === log)
  }

  /** The runner of these logs begins anew. */
  forget(log: LogId): void {
    for (const [session, one] of this.#last) if (one.log === log) this.#last.delete(session)
  }
}
