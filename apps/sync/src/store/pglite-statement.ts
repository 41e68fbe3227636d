import { protocol, type PGlite } from '@electric-sql/pglite'

const { serialize } = protocol

/** PGlite would write bytes as hexadecimal text; the protocol takes them as they are. 17 is the type's number. */
export const BYTES_AS_THEY_ARE = { 17: (bytes: unknown) => bytes as string }

type Described = Awaited<ReturnType<PGlite['describeQuery']>>

/**
 * A statement that PGlite keeps parsed and planned. `PGlite.query` enters the database six times for one statement (parse,
 * describe, bind, describe, execute, sync), and each entry costs a tenth of a millisecond; this enters it once. Nothing else
 * may be running: whoever calls sees to that.
 */
export class PgliteStatement<Row> {
  readonly sql: string
  readonly #pg: PGlite
  readonly #name: string
  readonly #parameters: Described['queryParams']
  readonly #fields: Described['resultFields']

  private constructor(pg: PGlite, name: string, sql: string, { queryParams, resultFields }: Described) {
    this.sql = sql
    this.#pg = pg
    this.#name = name
    this.#parameters = queryParams
    this.#fields = resultFields
  }

  /** @param name what PGlite keeps it under: no other statement may have it. */
  static async prepare<Row>(pg: PGlite, name: string, sql: string): Promise<PgliteStatement<Row>> {
    const described = await pg.describeQuery(sql)
    await pg.execProtocol(joined(serialize.parse({ name, text: sql }), serialize.sync()), { syncToFs: false })
    return new PgliteStatement(pg, name, sql, described)
  }

  /** Runs it as a transaction of its own. Throws what has PostgreSQL's five characters as `code`. */
  async run(parameters: readonly unknown[]): Promise<{ rows: Row[]; affectedRows: number }> {
    const message = joined(
      serialize.bind({ statement: this.#name, values: parameters.map((value, at) => this.#serialized(value, at)) }),
      serialize.execute(),
      serialize.sync(),
    )
    const { messages } = await this.#pg.execProtocol(message, { syncToFs: false })
    const rows: Row[] = []
    let affectedRows = 0
    for (const one of messages) {
      if (one instanceof protocol.messages.DataRowMessage) rows.push(this.#row(one.fields))
      else if (one instanceof protocol.messages.CommandCompleteMessage && !one.text.startsWith('SELECT'))
        affectedRows = Number(one.text.split(' ').at(-1))
    }
    return { rows, affectedRows }
  }

  #serialized(value: unknown, at: number): string | Uint8Array | null {
    if (value === null || value === undefined) return null
    if (typeof value === 'string' || value instanceof Uint8Array) return value
    return this.#parameters[at]?.serializer?.(value) ?? String(value)
  }

  #row(texts: readonly (string | null)[]): Row {
    const row: Record<string, unknown> = {}
    for (const [at, { name, parser }] of this.#fields.entries()) {
      const text = texts[at] ?? null
      row[name] = text === null || parser === undefined ? text : parser(text)
    }
    return row as Row
  }
}

function joined(...messages: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(messages)
}
