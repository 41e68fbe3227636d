import type { PGlite } from '@electric-sql/pglite'
import type { SqlDatabase } from './sql-database.ts'

/** After so many bytes given to it the write-ahead log is cut: PGlite never does it by itself, and a start replays all of it. */
const CHECKPOINT_BYTES = 24 * 1024 * 1024

/** PGlite would write bytes as hexadecimal text; the protocol takes them as they are. 17 is the type's number. */
const BYTES_AS_THEY_ARE = { serializers: { 17: (bytes: string) => bytes } }

/** PGlite as a {@link SqlDatabase}. It blocks the thread it runs in while it works. */
export class PgliteSql implements SqlDatabase {
  readonly #pg: PGlite
  #bytesSinceCheckpoint = 0

  constructor(pg: PGlite) {
    this.#pg = pg
  }

  async query<Row>(sql: string, parameters: readonly unknown[]): Promise<{ rows: Row[]; affectedRows: number }> {
    for (const value of parameters) {
      if (typeof value === 'string' || value instanceof Uint8Array) this.#bytesSinceCheckpoint += value.length
    }
    const { rows, affectedRows } = await this.#pg.query<Row>(sql, [...parameters], BYTES_AS_THEY_ARE)
    return { rows, affectedRows: affectedRows ?? 0 }
  }

  async script(sql: string): Promise<void> {
    await this.#pg.transaction((tx) => tx.exec(sql))
  }

  /** Cuts the write-ahead log if enough was written since the last time. Called when there is nothing else to do. */
  async tidy(): Promise<void> {
    if (this.#bytesSinceCheckpoint < CHECKPOINT_BYTES) return
    this.#bytesSinceCheckpoint = 0
    await this.#pg.exec('checkpoint')
  }

  /** Whether {@link tidy} is so overdue that it should not wait for a quiet moment. */
  get tidyOverdue(): boolean {
    return this.#bytesSinceCheckpoint > 4 * CHECKPOINT_BYTES
  }

  async close(): Promise<void> {
    await this.#pg.close()
  }
}
