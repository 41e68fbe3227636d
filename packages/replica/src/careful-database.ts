import type { PGlite, Results, Transaction } from '@electric-sql/pglite'

/** What the replica reads with. */
export type Database = Pick<CarefulDatabase, 'query' | 'transaction'>

/**
 * PGlite, but for what a full disk does to it. After a checkpoint that failed, and now and then after another write that did,
 * PGlite (0.5.16) never comes back from the next statement, and its thread with it; PostgreSQL would have ended. So one thing is
 * done at a time, and once a write has failed everything is refused at once.
 */
export class CarefulDatabase {
  readonly #pg: PGlite
  readonly #broken = Promise.withResolvers<Error>()
  #error: Error | undefined
  /** Settles, in one way only, with what was asked last. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(pg: PGlite) {
    this.#pg = pg
  }

  /** Settles when it was given up. */
  get broken(): Promise<Error> {
    return this.#broken.promise
  }

  /** What was written could not be: nothing is asked of it from now on, not even to close. */
  giveUp(error: unknown): void {
    this.#error ??= error instanceof Error ? error : new Error(String(error))
    this.#broken.resolve(this.#error)
  }

  query<Row>(...args: Parameters<PGlite['query']>): Promise<Results<Row>> {
    return this.#next(() => this.#pg.query<Row>(...args))
  }

  /** For what changes nothing; `work` asks only `tx`, because everything else waits for its end. */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.#next(() => this.#pg.transaction(work))
  }

  /** As {@link transaction}, for what changes something: where that fails it is given up. */
  write<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.#next(() => this.#orGiveUp(() => this.#pg.transaction(work)))
  }

  /** @throws what PostgreSQL said; it is given up then. */
  checkpoint(): Promise<unknown> {
    return this.#next(() => this.#orGiveUp(() => this.#pg.exec('checkpoint')))
  }

  async close(): Promise<void> {
    await this.#last
    if (this.#error === undefined) await this.#next(() => this.#pg.close())
  }

  #next<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(() => {
      if (this.#error) throw this.#error
      return work()
    })
    this.#last = done.catch(() => undefined)
    return done
  }

  async #orGiveUp<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      this.giveUp(error)
      throw error
    }
  }
}
