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
  readonly #send: (wanted: Wanted) => boolean
  /** What is left to fetch when nothing was asked for. */
  readonly #others: () => Wanted | undefined
  #asked: Wanted[] = []
  #underWay: Wanted | undefined

  constructor(of: { send: (wanted: Wanted) => boolean; others: () => Wanted | undefined }) {
    this.#send = of.send
    this.#others = of.others
  }

  /** Somebody wants to read this one. */
  ask(wanted: Wanted): void {
    if (this.#is(wanted)) return
    this.#asked = [...this.#asked.filter((one) => nameOf(one) !== nameOf(wanted)), wanted]
    this.next()
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
    if (wanted && this.#send(wanted)) this.#underWay = wanted
  }

  #is(wanted: Wanted): boolean {
    return this.#underWay !== undefined && nameOf(this.#underWay) === nameOf(wanted)
  }
}
