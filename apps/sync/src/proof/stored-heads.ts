import type { QueryStore } from '../sign-in/store-dialect.ts'

/** Where the signed heads of one log are kept, as JSON. */
export interface StoredHeads {
  newest(): Promise<string | undefined>
  /** Of two of the same size the first stays. */
  keep(size: number, head: string): Promise<void>
}

/** The signed heads of one log in the database. */
export class HeadTable implements StoredHeads {
  readonly #store: QueryStore
  readonly #logNo: number

  constructor(store: QueryStore, logNo: number) {
    this.#store = store
    this.#logNo = logNo
  }

  async newest(): Promise<string | undefined> {
    const { rows } = await this.#store.query(
      'select body from tree_heads where log_no = $1 order by size desc limit 1',
      [this.#logNo],
    )
    const body = rows[0]?.['body']
    return typeof body === 'string' ? body : undefined
  }

  async keep(size: number, head: string): Promise<void> {
    await this.#store.query('insert into tree_heads values ($1, $2, $3) on conflict do nothing', [
      this.#logNo,
      size,
      head,
    ])
  }
}
