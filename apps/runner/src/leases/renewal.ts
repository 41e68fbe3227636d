/** How often a runner says that it is there, and after how long without an answer it must let its work go, ms. */
export type LeaseTimes = { readonly renewMs: number; readonly letGoMs: number }

/** Of a server that does not say. */
export const usualLease: LeaseTimes = { renewMs: 2_000, letGoMs: 8_000 }

/**
 * Renews what this runner has by saying that it is there. Counted from when the word was sent, by a clock that never goes
 * back: the server counts from when it came, which is later, so this runner has let go before another one may begin.
 */
export class Renewal {
  readonly #say: (n: number) => void
  readonly #letGo: () => void
  readonly #now: () => number
  readonly #sent = new Map<number, number>()
  #times = usualLease
  #n = 0
  #confirmed: number
  #gone = false
  #timer: NodeJS.Timeout | undefined

  /**
   * @param say sends a word with this number, if there is a connection
   * @param letGo called once for each cut that lasts too long
   */
  constructor(say: (n: number) => void, letGo: () => void, now: () => number) {
    this.#say = say
    this.#letGo = letGo
    this.#now = now
    this.#confirmed = now()
  }

  /** The server has answered a greeting that was sent at this time. */
  greeted(at: number, times: LeaseTimes = usualLease): void {
    this.#times = times
    this.#confirmed = at
    this.#gone = false
    this.#sent.clear()
    clearInterval(this.#timer)
    this.#timer = setInterval(() => this.#tick(), times.renewMs)
    this.#timer.unref()
  }

  /** The word of that number was heard. */
  answered(n: number): void {
    const sent = this.#sent.get(n)
    for (const one of this.#sent.keys()) if (one <= n) this.#sent.delete(one)
    if (sent !== undefined) this.#confirmed = Math.max(this.#confirmed, sent)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #tick(): void {
    if (!this.#gone && this.#now() - this.#confirmed > this.#times.letGoMs) {
      this.#gone = true
      this.#letGo()
    }
    this.#n += 1
    this.#sent.set(this.#n, this.#now())
    this.#say(this.#n)
  }
}
