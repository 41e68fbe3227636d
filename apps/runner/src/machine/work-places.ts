/** One that waits for a place: told of its place in line whenever that changes, and that it may look again. */
type Waiting = { readonly words: (text: string) => void; readonly look: () => void; said: string }

const ordinals = ['First', 'Second', 'Third', 'Fourth', 'Fifth', 'Sixth', 'Seventh', 'Eighth', 'Ninth', 'Tenth']

/** "Third in line" */
const inLine = (n: number): string => `${ordinals[n] ?? `Number ${n + 1}`} in line`

/**
 * The places that a runner has for agents at work (`MaxConcurrentSessions`). Sessions wait in the order in which they asked; one
 * that has had its turn asks anew, behind the others. While the machine is short of something nobody begins.
 */
export class WorkPlaces {
  readonly #most: number
  readonly #shortOf: () => string
  readonly #working = new Set<string>()
  /** Of those that work, those in which nothing changes. */
  readonly #stale = new Set<string>()
  readonly #line = new Map<string, Waiting>()

  /** @param shortOf why nothing new may begin now, for people; empty where it may */
  constructor(most: number, shortOf: () => string) {
    this.#most = most
    this.#shortOf = shortOf
  }

  /** How many work and wait, of how many that may work. */
  get figures(): { working: number; waiting: number; most: number; stale: number } {
    const { size: stale } = this.#stale
    return { working: this.#working.size, waiting: this.#line.size, most: this.#most, stale }
  }

  /** Whether somebody who asks now would begin at once. */
  get isFree(): boolean {
    return this.#line.size === 0 && this.#working.size < this.#most && this.#shortOf() === ''
  }

  /** Nothing changes any more in a session that works. */
  stalled(sessionId: string): void {
    if (this.#working.has(sessionId)) this.#stale.add(sessionId)
  }

  /** Takes a place whatever the limit: the session is at work already. */
  enter(sessionId: string): void {
    this.#line.delete(sessionId)
    this.#working.add(sessionId)
  }

  /**
   * Asks for a place. @returns whether it is there now; if not, the session stands in line, `words` says where, and `look` is
   * called when it should ask again.
   */
  ask(sessionId: string, words: (text: string) => void, look: () => void): boolean {
    if (this.#working.has(sessionId)) return true
    if (!this.#line.has(sessionId)) this.#line.set(sessionId, { words, look, said: '' })
    const [first] = this.#line.keys()
    if (first === sessionId && this.#working.size < this.#most && this.#shortOf() === '') {
      if (this.#line.get(sessionId)?.said !== '') words('')
      this.enter(sessionId)
      this.look()
      return true
    }
    this.#tell()
    return false
  }

  /** The session's turn is over, or it has nothing to wait for any more. */
  leave(sessionId: string): void {
    this.#stale.delete(sessionId)
    if (this.#line.get(sessionId)?.said) this.#line.get(sessionId)?.words('')
    if (this.#line.delete(sessionId) || this.#working.delete(sessionId)) this.look()
  }

  /** Something else was shown in the place of these words: says them again. */
  repeat(sessionId: string): void {
    const waiting = this.#line.get(sessionId)
    if (waiting) waiting.said = ''
    this.#tell()
  }

  /** Whoever is first looks again, and the others hear where they stand. */
  look(): void {
    const [first] = this.#line.values()
    if (first && this.#working.size < this.#most && this.#shortOf() === '') queueMicrotask(first.look)
    this.#tell()
  }

  #tell(): void {
    const short = this.#shortOf()
    let n = 0
    for (const waiting of this.#line.values()) {
      const why =
        short || `${this.#most} ${this.#most === 1 ? 'session works' : 'sessions work'} at a time on this runner`
      const text = `${inLine(n)}: ${why}.`
      if (text !== waiting.said) waiting.words(text)
      waiting.said = text
      n += 1
    }
  }
}
