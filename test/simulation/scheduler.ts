/** Something that can happen next. The scheduler picks one among all that are ready. */
export interface Source {
  /** What would happen, and whose code would run: its timers are that actor's. Undefined while nothing can happen. */
  ready(): { readonly actor: string; readonly what: string } | undefined
  /** A promise where it is not over at once: nothing else happens until it is. */
  happen(): void | Promise<void>
  /** Seldom chosen while anything else is ready: time passes slowly. */
  readonly slow?: boolean
}

const realImmediate = setImmediate

/** How often a slow source is among those that are chosen from. */
const SLOWNESS = 0.1

/** Runs one thing at a time, chosen by the seed. Between two of them everything that has been started has come to rest. */
export class Scheduler {
  readonly #random: () => number
  readonly #sources = new Set<Source>()
  /** What happened, one line each. */
  readonly trace: string[] = []
  /** Whose code is running. */
  actor = 'world'

  constructor(random: () => number) {
    this.#random = random
  }

  /** A whole number below `n`. */
  below(n: number): number {
    return Math.floor(this.#random() * n)
  }

  chance(probability: number): boolean {
    return this.#random() < probability
  }

  add(source: Source): () => void {
    this.#sources.add(source)
    return () => this.#sources.delete(source)
  }

  /** One step; false if nothing can happen. */
  async step(): Promise<boolean> {
    const ready: { source: Source; next: { actor: string; what: string } }[] = []
    for (const source of this.#sources) {
      const next = source.ready()
      if (next !== undefined) ready.push({ source, next })
    }
    const quick = ready.filter(({ source }) => source.slow !== true)
    const among = quick.length > 0 && !this.chance(SLOWNESS) ? quick : ready
    const chosen = among[this.below(among.length)]
    if (!chosen) return false
    await this.run(chosen.next.actor, chosen.next.what, () => chosen.source.happen())
    return true
  }

  /** Runs code as an actor and waits until all that follows from it without a step in between is done. */
  async run(actor: string, what: string, code: () => void | Promise<void>): Promise<void> {
    this.trace.push(`${actor}: ${what}`)
    this.actor = actor
    await code()
    await new Promise((resolve) => realImmediate(resolve))
  }
}
