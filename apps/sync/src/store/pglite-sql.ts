import type { PGlite } from '@electric-sql/pglite'
import { BYTES_AS_THEY_ARE, PgliteStatement } from './pglite-statement.ts'
import type { SqlDatabase } from './sql-database.ts'

/** After so many bytes given to it the write-ahead log is cut: PGlite never does it by itself, and a start replays all of it. */
const CHECKPOINT_BYTES = 24 * 1024 * 1024

/**
 * Nothing may be asked of the database any more: PostgreSQL would end here, PGlite (0.5.16) takes the next statement and never
 * comes back from it. What was committed is in the write-ahead log, for the next start.
 */
export class CheckpointFailed extends Error {
  override readonly name = 'CheckpointFailed'
}

/** PGlite as a {@link SqlDatabase}. It blocks the thread it runs in while it works; one call at a time. */
export class PgliteSql implements SqlDatabase {
  readonly #pg: PGlite
  readonly #statements = new Map<string, PgliteStatement<unknown>>()
  #bytesSinceCheckpoint = 0

  constructor(pg: PGlite) {
    this.#pg = pg
  }

  async query<Row>(
    sql: string,
    parameters: readonly unknown[],
    name?: string,
  ): Promise<{ rows: Row[]; affectedRows: number }> {
    for (const value of parameters) {
      if (typeof value === 'string' || value instanceof Uint8Array) this.#bytesSinceCheckpoint += value.length
    }
    if (name !== undefined) return (await this.#statement<Row>(name, sql)).run(parameters)
    const { rows, affectedRows } = await this.#pg.query<Row>(sql, [...parameters], { serializers: BYTES_AS_THEY_ARE })
    return { rows, affectedRows: affectedRows ?? 0 }
  }

  async #statement<Row>(name: string, sql: string): Promise<PgliteStatement<Row>> {
    const known = this.#statements.get(name)
    if (known && known.sql !== sql) throw new Error(`The name ${name} is taken by another statement: ${known.sql}`)
    if (known) return known as PgliteStatement<Row>
    const prepared = await PgliteStatement.prepare<Row>(this.#pg, name, sql)
    this.#statements.set(name, prepared)
    return prepared
  }

  async script(sql: string): Promise<void> {
    await this.#pg.transaction((tx) => tx.exec(sql))
  }

  /** Cuts the write-ahead log if enough was written since the last time. Called when there is nothing else to do. */
  async tidy(): Promise<void> {
    if (this.#bytesSinceCheckpoint < CHECKPOINT_BYTES) return
    await this.checkpoint()
  }

  /** @throws {CheckpointFailed} */
  async checkpoint(): Promise<void> {
    this.#bytesSinceCheckpoint = 0
    try {
      await this.#pg.exec('checkpoint')
    } catch (cause) {
      throw new CheckpointFailed(cause instanceof Error ? cause.message : String(cause), { cause })
    }
  }

  /** Whether {@link tidy} is so overdue that it should not wait for a quiet moment. */
  get tidyOverdue(): boolean {
    return this.#bytesSinceCheckpoint > 4 * CHECKPOINT_BYTES
  }

  async close(): Promise<void> {
    await this.#pg.close()
  }
}
