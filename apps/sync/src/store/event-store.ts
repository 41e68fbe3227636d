import { randomUUID } from 'node:crypto'
import { isUniqueViolation } from './store-error.ts'
import type { SqlDatabase } from './sql-database.ts'

/** A log as it stands on disk. */
export interface LogHead {
  /** The log's number in the tables. */
  readonly no: number
  readonly epoch: string
  /** The position of its last event; 0 while it is empty. */
  readonly head: number
}

/** One event to append. Short names: thousands of these travel as JSON. */
export interface EventRow {
  /** Position in the log. */
  readonly p: number
  /** Event id. */
  readonly i: string
  /** Stream, and the event's version in it. */
  readonly s: string
  readonly v: number
  /** Where its body is among the bodies of the commit: offset from 1, and length, in bytes. */
  readonly o: number
  readonly l: number
  /** With a command's first event: what the command said, hashed, and how many events it made. That is its receipt. */
  h?: string
  n?: number
}

/** The lasting answer to a command that made no event: it was refused, or changed nothing. */
export interface ReceiptRow {
  /** Command id. */
  readonly c: string
  /** What the command said, hashed: the same id with other content is a conflict. */
  readonly h: string
  /** The head it was answered at. */
  readonly p: number
  /** Why it was refused, as JSON; null when it changed nothing. */
  readonly r: string | null
}

/** One log's share of a commit: all of it or nothing. */
export interface Append {
  readonly logNo: number
  readonly expectedHead: number
  readonly count: number
  /** {@link EventRow}s as JSON, and {@link ReceiptRow}s below: one text crosses threads faster than a thousand objects. */
  readonly events: string
  /** The events' whole envelopes as canonical JSON, with a comma between: the bytes that are kept, sent and proved. */
  readonly bodies: Uint8Array
  readonly receipts: string
  /** Ids of the commands that made these events, with commas between. */
  readonly commandIds: string
  /** The producers whose facts are in it, and the epoch they must still have, as JSON: `[{"i":id,"e":epoch}]`. */
  readonly producers: string
  /** The caller holds the log's turn: appends of others wait for it, this one must not. */
  readonly inTurn: boolean
}

/**
 * `moved`: another writer appended; read on from your head and decide again.
 * `taken`: an event or command id of the batch is in the log already.
 * `fenced`: a producer of the batch has a newer epoch than the batch says.
 */
export type AppendOutcome = 'stored' | 'moved' | 'taken' | 'fenced'

/** Bodies in order, from `after + 1` on; `head` as of the same moment. */
export interface EventRange {
  readonly bodies: readonly string[]
  readonly head: number
}

/** Which events of a stream: after so many of it, up to a position of the log, at most so many: the first ones, or the newest. */
export interface StreamPart {
  readonly after?: number
  readonly upTo?: number
  readonly limit?: number
  readonly newest?: boolean
}

export interface StoredReceipt {
  readonly commandId: string
  readonly content: string
  /** Positions of its events; `from` is past `to` where it made none. */
  readonly from: number
  readonly to: number
  readonly refusal: string | null
}

/** A row of any query: used by sign-in, whose tables are a library's. */
export interface QueryAnswer {
  readonly rows: Record<string, unknown>[]
  readonly affectedRows: number
}

/** The events of all logs, in SQL that PGlite and PostgreSQL both take. Each call is one transaction. */
export class EventStore {
  readonly #sql: SqlDatabase

  /** @param sql a database whose tables {@link file://./schema.ts} has brought up to date. */
  constructor(sql: SqlDatabase) {
    this.#sql = sql
  }

  /** The log of that id, begun with an epoch of its own if it is new. */
  async openLog(id: string): Promise<LogHead> {
    const { rows } = await this.#sql.query<{ no: number; epoch: string; head: number }>(
      `insert into logs (id, epoch) values ($1, $2)
       on conflict (id) do update set id = excluded.id returning no, epoch, head`,
      [id, randomUUID()],
    )
    return only(rows)
  }

  /** All logs and how far they go. */
  async heads(): Promise<{ id: string; head: number }[]> {
    const { rows } = await this.#sql.query<{ id: string; head: number }>('select id, head from logs order by no', [])
    return rows
  }

  async append(batch: Append): Promise<AppendOutcome> {
    const { logNo, expectedHead, count, events, bodies, receipts, commandIds, producers, inTurn } = batch
    try {
      const { rows } = await this.#sql.query<{ outcome: AppendOutcome }>(
        'select append_to_log($1, $2, $3, $4, $5, $6, $7, $8, $9) as outcome',
        [logNo, expectedHead, count, events, bodies, receipts, commandIds, producers, inTurn],
        'append',
      )
      return only(rows).outcome
    } catch (error) {
      if (isUniqueViolation(error)) return 'taken'
      throw error
    }
  }

  /** Up to `limit` events after a position, in order. */
  async readLog(logNo: number, after: number, limit: number): Promise<EventRange> {
    // The head first: an event appended in between is then only "more to come", never a hole.
    const head = await this.#sql.query<{ head: number }>('select head from logs where no = $1', [logNo], 'head')
    const { rows } = await this.#sql.query<{ body: string }>(
      'select body from events where log_no = $1 and position > $2 order by position limit $3',
      [logNo, after, limit],
      'read_log',
    )
    return { bodies: rows.map((row) => row.body), head: only(head.rows).head }
  }

  /** Events of one stream in order, all of them, or a part. */
  async readStream(logNo: number, stream: string, part: StreamPart = {}): Promise<string[]> {
    const { after = 0, upTo = Number.MAX_SAFE_INTEGER, limit = 2 ** 31 - 1, newest = false } = part
    const { rows } = await this.#sql.query<{ body: string }>(
      `select body from events where log_no = $1 and stream = $2 and stream_version > $3 and position <= $4
       order by stream_version ${newest ? 'desc' : 'asc'} limit $5`,
      [logNo, stream, after, upTo, limit],
      newest ? 'read_stream_newest' : 'read_stream',
    )
    const bodies = rows.map((row) => row.body)
    return newest ? bodies.reverse() : bodies
  }

  /** Those of the events that are in the log. */
  async findEvents(logNo: number, ids: readonly string[]): Promise<string[]> {
    const { rows } = await this.#sql.query<{ body: string }>(
      'select body from events where id = any ($1::text[]) and log_no = $2',
      [[...ids], logNo],
    )
    return rows.map((row) => row.body)
  }

  /** Those of the commands that were answered before. */
  async findReceipts(commandIds: readonly string[]): Promise<StoredReceipt[]> {
    const { rows } = await this.#sql.query<StoredReceipt>(
      `select command_id as "commandId", content, position + 1 as "from", position as "to", refusal
       from receipts where command_id = any ($1::text[])
       union all
       select left(id, -2), content, position, position + event_count - 1, null
       from events where id = any ($2::text[]) and content is not null`,
      [[...commandIds], commandIds.map((id) => `${id}.0`)],
      'find_receipts',
    )
    return rows
  }

  /** A higher epoch than any this producer had: whoever holds an older one is fenced from here on. */
  async nextEpoch(producerId: string): Promise<number> {
    const { rows } = await this.#sql.query<{ epoch: number }>(
      `insert into producers (id, epoch) values ($1, 1)
       on conflict (id) do update set epoch = producers.epoch + 1 returning epoch`,
      [producerId],
    )
    return only(rows).epoch
  }

  /** The epochs that producers have now. */
  async epochsOf(producerIds: readonly string[]): Promise<{ id: string; epoch: number }[]> {
    const { rows } = await this.#sql.query<{ id: string; epoch: number }>(
      'select id, epoch from producers where id = any ($1::text[])',
      [[...producerIds]],
    )
    return rows
  }

  query(sql: string, parameters: readonly unknown[]): Promise<QueryAnswer> {
    return this.#sql.query(sql, parameters)
  }

  close(): Promise<void> {
    return this.#sql.close()
  }
}

function only<T>(rows: readonly T[]): T {
  const row = rows[0]
  if (row === undefined || rows.length > 1) throw new Error(`expected one row, got ${rows.length}`)
  return row
}
