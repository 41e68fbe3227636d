import { LIMITS } from '../limits.ts'

/**
 * How long each runner has been silent, by this process's monotonic clock: a lease runs out by that, never by a clock that
 * can be set. A server that has just started has heard of none, and counts from its start.
 */
export class SilentRunners {
  readonly #now: () => number
  readonly #started: number
  readonly #renewing = new Set<string>()
  readonly #heard = new Map<string, number>()
  readonly #greetings = new Map<string, number>()

  /** @param now a clock that never goes back, milliseconds */
  constructor(now: () => number) {
    this.#now = now
    this.#started = now()
  }

  /** Something came from this runner, or it is known to be connected to another server. */
  heard(runnerId: string): void {
    this.#heard.set(runnerId, this.#now())
  }

  /**
   * The newest greeting of this runner that is known, here or at another server, by the epoch that it was given. One that was
   * not known before is a word of the runner: nobody says when it was, so it counts as of now.
   */
  greeted(runnerId: string, epoch: number): void {
    if ((this.#greetings.get(runnerId) ?? 0) >= epoch) return
    this.#greetings.set(runnerId, epoch)
    this.heard(runnerId)
  }

  /** It says by itself that it is there; one of an earlier version does not, and its silence means nothing. */
  renews(runnerId: string): void {
    this.#renewing.add(runnerId)
  }

  /** Whether its line is dead, whatever the socket says. */
  isGone(runnerId: string): boolean {
    return this.#renewing.has(runnerId) && this.left(runnerId) === 0
  }

  /** Milliseconds until what this runner has may be taken over; 0 if it may now. */
  left(runnerId: string): number {
    const since = this.#heard.get(runnerId) ?? this.#started
    return Math.max(0, since + LIMITS.leaseMs - this.#now())
  }
}
