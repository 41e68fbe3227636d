import type { LogId } from '@coppice/events'
import type { Commit } from '../log/log-writer.ts'
import { eventsFrame, type Subscription } from './subscription.ts'

/** Who follows which log. A commit is put into words once, for all. */
export class Followers {
  readonly #byLog = new Map<LogId, Set<Subscription>>()

  add(subscription: Subscription): void {
    const { log } = subscription.log
    const followers = this.#byLog.get(log) ?? new Set()
    followers.add(subscription)
    this.#byLog.set(log, followers)
  }

  remove(subscription: Subscription): void {
    subscription.close()
    const { log } = subscription.log
    const followers = this.#byLog.get(log)
    followers?.delete(subscription)
    if (followers?.size === 0) this.#byLog.delete(log)
  }

  tell(commit: Commit): void {
    const followers = this.#byLog.get(commit.log)
    if (followers === undefined) return
    const frame = eventsFrame({ ...commit, head: commit.to })
    for (const subscription of followers) subscription.offer(commit, frame)
  }
}
