import type { PGlite, Results, Transaction } from '@electric-sql/pglite'

/** What the replica asks of PGlite. */
export type Database = Pick<PGlite, 'query' | 'exec' | 'transaction'>

/**
 * PGlite, but for what a full disk does to it. After a checkpoint that failed, and now and then after another write that did,
 * PGlite (0.5.16) never comes back from the next statement, and its thread with it; PostgreSQL would have ended. So nothing else
 * runs while a checkpoint is made, and once it is given up everything is refused at once.
 */
export class CarefulDatabase implements Database {
  readonly #pg: PGlite
  readonly #broken = Promise.withResolvers<Error>()
  #error: Error | undefined
  #checkpoint: Promise<void> | undefined
  #running = 0
  #idle: (() => void) | undefined

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
    return this.#run(() => this.#pg.query<Row>(...args))
  }

  exec(...args: Parameters<PGlite['exec']>): ReturnType<PGlite['exec']> {
    return this.#run(() => this.#pg.exec(...args))
  }

  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.#run(() => this.#pg.transaction(work))
  }

  /** @throws what PostgreSQL said; it is given up then. */
  checkpoint(): Promise<void> {
    this.#checkpoint ??= this.#makeCheckpoint()
    return this.#checkpoint
  }

  async close(): Promise<void> {
    while (this.#checkpoint) await this.#checkpoint.catch(() => undefined)
    if (this.#error === undefined) await this.#run(() => this.#pg.close())
  }

  async #makeCheckpoint(): Promise<void> {
    if (this.#running > 0) await new Promise<void>((resolve) => (this.#idle = resolve))
    try {
      if (this.#error) throw this.#error
      await this.#pg.exec('checkpoint')
    } catch (error) {
      this.giveUp(error)
      throw error
    } finally {
      this.#checkpoint = undefined
    }
  }

  async #run<T>(work: () => Promise<T>): Promise<T> {
    while (this.#checkpoint) await this.#checkpoint
    if (this.#error) throw this.#error
    this.#running += 1
    try {
      return await work()
    } finally {
      this.#running -= 1
      if (this.#running === 0) this.#idle?.()
    }
  }
}
