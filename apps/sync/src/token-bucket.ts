/** Lets so many through a second, and what was not used of some seconds at once. */
export class TokenBucket {
  readonly #eachSecond: number
  readonly #most: number
  readonly #now: () => number
  #tokens: number
  #at: number

  /** @param now milliseconds on a clock that never goes back. */
  constructor(eachSecond: number, burstSeconds: number, now: () => number = () => performance.now()) {
    this.#eachSecond = eachSecond
    this.#most = eachSecond * burstSeconds
    this.#now = now
    this.#tokens = this.#most
    this.#at = now()
  }

  /** Whether `count` more may pass now; if so they are counted. */
  take(count = 1): boolean {
    if (this.#tokens < count) {
      const now = this.#now()
      this.#tokens = Math.min(this.#most, this.#tokens + ((now - this.#at) / 1_000) * this.#eachSecond)
      this.#at = now
    }
    if (this.#tokens < count) return false
    this.#tokens -= count
    return true
  }
}
