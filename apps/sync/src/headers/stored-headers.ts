import type { QueryStore } from '../sign-in/store-dialect.ts'

/** A header as it is stored: how many events are in it, and the rest as JSON. */
export interface HeaderRecord {
  readonly stream: string
  readonly version: number
  readonly body: string
}

/** Where the headers of one log are kept. Those made by other projection code are as good as not there. */
export interface StoredHeaders {
  one(stream: string, projection: number): Promise<HeaderRecord | undefined>
  /** In order of their names, those after one. */
  page(after: string, projection: number, limit: number): Promise<readonly HeaderRecord[]>
  /** Another server may be further on: of two versions the later stays. */
  write(headers: readonly HeaderRecord[], projection: number): Promise<void>
}

/** The headers of one log in the database. */
export class HeaderTable implements StoredHeaders {
  readonly #store: QueryStore
  readonly #logNo: number

  constructor(store: QueryStore, logNo: number) {
    this.#store = store
    this.#logNo = logNo
  }

  async one(stream: string, projection: number): Promise<HeaderRecord | undefined> {
    const { rows } = await this.#store.query(
      'select stream, version, body from stream_headers where log_no = $1 and stream = $2 and projection = $3',
      [this.#logNo, stream, projection],
    )
    return rows.map(recordOf)[0]
  }

  async page(after: string, projection: number, limit: number): Promise<readonly HeaderRecord[]> {
    const { rows } = await this.#store.query(
      `select stream, version, body from stream_headers
       where log_no = $1 and projection = $2 and stream > $3 order by stream limit $4`,
      [this.#logNo, projection, after, limit],
    )
    return rows.map(recordOf)
  }

  async write(headers: readonly HeaderRecord[], projection: number): Promise<void> {
    const rows = headers.map(({ stream, version, body }) => ({ s: stream, v: version, b: body }))
    await this.#store.query(
      `insert into stream_headers (log_no, stream, version, projection, body)
       select $1, s, v, $2, b from json_to_recordset($3::json) as row(s text, v int, b text)
       on conflict (log_no, stream) do update
         set version = excluded.version, projection = excluded.projection, body = excluded.body
         where stream_headers.version < excluded.version or stream_headers.projection <> excluded.projection`,
      [this.#logNo, projection, JSON.stringify(rows)],
    )
  }
}

const recordOf = (row: Record<string, unknown>): HeaderRecord => ({
  stream: String(row['stream']),
  version: Number(row['version']),
  body: String(row['body']),
})
