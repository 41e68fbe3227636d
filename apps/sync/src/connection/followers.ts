import type { LogId } from '@coppice/events'
import type { Commit, LogWriter } from '../log/log-writer.ts'
import type { Peer } from './peer.ts'
import { eventsFrame } from './subscription.ts'

/** One peer's place in one log. */
export interface Follower {
  readonly log: LogWriter
  readonly peer: Peer
  /** A commit of the log; `frame` is the message for those who want all of it and whose cursor is at its start. */
  offer(commit: Commit, frame: Buffer): void
  close(): void
}

/** Who follows which log. A commit is put into words once, for all. */
export class Followers {
  readonly #byLog = new Map<LogId, Set<Follower>>()

  add(subscription: Follower): void {
    const { log } = subscription.log
    const followers = this.#byLog.get(log) ?? new Set()
    followers.add(subscription)
    this.#byLog.set(log, followers)
  }

  remove(subscription: Follower): void {
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

  /** The peers that follow a log. */
  peersOf(log: LogId): readonly Peer[] {
    return [...(this.#byLog.get(log) ?? [])].map((follower) => follower.peer)
  }
}
