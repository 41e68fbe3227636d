/** A session whose body is wanted. */
export interface Wanted {
  readonly log: string
  readonly stream: string
}

const nameOf = ({ log, stream }: Wanted): string => `${log} ${stream}`

/**
 * In which order sessions of which only the header is here get their bodies: first those that somebody opens, then, where
 * the device keeps everything, all others. One after the other, so that what is opened never waits behind a crowd.
 */
export class Joins {
  readonly #send: (wanted: Wanted, n: number) => boolean
  /** What is left to fetch when nothing was asked for. */
  readonly #others: () => Wanted | undefined
  #asked: Wanted[] = []
  #underWay: Wanted | undefined
  /** Each wish has a number of its own: what an earlier subscription still sends is not its answer. */
  #n = 0

  constructor(of: { send: (wanted: Wanted, n: number) => boolean; others: () => Wanted | undefined }) {
    this.#send = of.send
    this.#others = of.others
  }

  /** Somebody wants to read this one. */
  ask(wanted: Wanted): void {
    if (this.#is(wanted)) return
    this.#asked = [...this.#asked.filter((one) => nameOf(one) !== nameOf(wanted)), wanted]
    this.next()
  }

  /** Whether this is the number of what is under way. */
  awaits(n: number): boolean {
    return this.#underWay !== undefined && this.#n === n
  }

  /** The whole of it is here. */
  done(wanted: Wanted): void {
    this.#asked = this.#asked.filter((one) => nameOf(one) !== nameOf(wanted))
    if (this.#is(wanted)) this.#underWay = undefined
    this.next()
  }

  /** What is held of this log was given up. */
  forget(log: string): void {
    this.#asked = this.#asked.filter((one) => one.log !== log)
    if (this.#underWay?.log === log) this.#underWay = undefined
  }

  /** The connection is gone: what was under way must be asked for again. */
  interrupted(): void {
    if (this.#underWay) this.#asked = [this.#underWay, ...this.#asked]
    this.#underWay = undefined
  }

  /** Fetches the next if none is under way. */
  next(): void {
    if (this.#underWay) return
    const wanted = this.#asked.at(-1) ?? this.#others()
    if (!wanted) return
    this.#n += 1
    if (this.#send(wanted, this.#n)) this.#underWay = wanted
  }

  #is(wanted: Wanted): boolean {
    return this.#underWay !== undefined && nameOf(this.#underWay) === nameOf(wanted)
  }
}
