import type { CarefulDatabase } from './careful-database.ts'

/** So many bytes of rows and events are some 50 MB of write-ahead log, which a start reads in a fraction of a second. */
const CHECKPOINT_BYTES = 8 * 1024 * 1024
/** In a quiet moment less is enough. */
const QUIET_BYTES = 128 * 1024
const QUIET_AFTER_MS = 1_000

/**
 * Cuts the write-ahead log. PGlite never does it by itself: without this the log holds everything that was ever written, a
 * closed tab never gets to it, and the next start would read all of it before the first row.
 */
export class WriteAhead {
  readonly #db: CarefulDatabase
  #bytes = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #closed = false

  constructor(db: CarefulDatabase) {
    this.#db = db
  }

  /** So many bytes were written: cuts at once where it is much, else when it has been quiet. */
  async wrote(bytes: number): Promise<void> {
    clearTimeout(this.#timer)
    if (this.#closed) return
    this.#bytes += bytes
    if (this.#bytes >= CHECKPOINT_BYTES) return this.cut()
    if (this.#bytes < QUIET_BYTES) return
    this.#timer = setTimeout(() => {
      // The database says by itself that it is of no use any more.
      this.cut().catch((error: unknown) => console.warn('The write-ahead log could not be cut.', error))
    }, QUIET_AFTER_MS)
  }

  async cut(): Promise<void> {
    clearTimeout(this.#timer)
    this.#bytes = 0
    await this.#db.checkpoint()
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
  }
}
