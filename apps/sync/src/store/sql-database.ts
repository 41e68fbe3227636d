/** A PostgreSQL that takes one statement at a time: PGlite in this process, or a server over a socket. */
export interface SqlDatabase {
  /**
   * Runs one statement, which is a transaction of its own. Parameters: numbers, texts, booleans, null, arrays of
   * texts, dates, and bytes as `Uint8Array`. Whole numbers of any size come back as numbers. Throws what has PostgreSQL's
   * five characters as `code`.
   *
   * @param name the statement is kept prepared under it, where that saves anything: for those that run all the time.
   */
  query<Row = Record<string, unknown>>(
    sql: string,
    parameters: readonly unknown[],
    name?: string,
  ): Promise<{ rows: Row[]; affectedRows: number }>
  /** Runs several statements without parameters as one transaction. */
  script(sql: string): Promise<void>
  close(): Promise<void>
}
