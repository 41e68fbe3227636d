import { randomUUID } from 'node:crypto'
import { openDatabase, type Database } from './database.ts'
import { migrate } from './schema.ts'

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
}

/**
 * `moved`: another writer appended; read on from your head and decide again.
 * `taken`: an event or command id of the batch is in the log already.
 */
export type AppendOutcome = 'stored' | 'moved' | 'taken'

/** Bodies in order, from `after + 1` on; `head` as of the same moment. */
export interface EventRange {
  readonly bodies: readonly string[]
  readonly head: number
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

/** After so many bytes of events the write-ahead log is cut: PGlite never does it by itself, and a start replays all of it. */
const CHECKPOINT_BYTES = 24 * 1024 * 1024

/** PGlite would write bytes as hexadecimal text; the protocol takes them as they are. 17 is the type's number. */
const BYTES_AS_THEY_ARE = { serializers: { 17: (bytes: string) => bytes } }

const UNIQUE_VIOLATION = '23505'

/** The events of all logs on disk. Runs where the database runs: in a thread of its own (see store-thread.ts). */
export class EventStore {
  readonly #database: Database
  #bytesSinceCheckpoint = 0

  private constructor(database: Database) {
    this.#database = database
  }

  /** Opens the store in `folder` (made by `createDatabase`). The caller holds the data folder's lock. */
  static async open(folder: string): Promise<EventStore> {
    const database = await openDatabase(folder)
    await migrate(database.pg)
    return new EventStore(database)
  }

  /** The log of that id, begun with an epoch of its own if it is new. */
  async openLog(id: string): Promise<LogHead> {
    const { rows } = await this.#database.pg.query<{ no: number; epoch: string; head: number }>(
      `insert into logs (id, epoch) values ($1, $2)
       on conflict (id) do update set id = excluded.id returning no, epoch, head`,
      [id, randomUUID()],
    )
    return only(rows)
  }

  /** The ids of all logs. */
  async logIds(): Promise<string[]> {
    const { rows } = await this.#database.pg.query<{ id: string }>('select id from logs order by no')
    return rows.map((row) => row.id)
  }

  async append(batch: Append): Promise<AppendOutcome> {
    const { logNo, expectedHead, count, events, bodies, receipts, commandIds } = batch
    try {
      const { rows } = await this.#database.pg.query<{ stored: boolean }>(
        'select append_to_log($1, $2, $3, $4, $5, $6, $7) as stored',
        [logNo, expectedHead, count, events, bodies, receipts, commandIds],
        BYTES_AS_THEY_ARE,
      )
      if (!only(rows).stored) return 'moved'
    } catch (error) {
      if (isUniqueViolation(error)) return 'taken'
      throw error
    }
    this.#bytesSinceCheckpoint += events.length + bodies.length
    return 'stored'
  }

  /** Up to `limit` events after a position, in order. */
  async readLog(logNo: number, after: number, limit: number): Promise<EventRange> {
    // The head first: an event appended in between is then only "more to come", never a hole.
    const head = await this.#database.pg.query<{ head: number }>('select head from logs where no = $1', [logNo])
    const { rows } = await this.#database.pg.query<{ body: string }>(
      'select body from events where log_no = $1 and position > $2 order by position limit $3',
      [logNo, after, limit],
    )
    return { bodies: rows.map((row) => row.body), head: only(head.rows).head }
  }

  /** All events of one stream, in order. */
  async readStream(logNo: number, stream: string): Promise<string[]> {
    const { rows } = await this.#database.pg.query<{ body: string }>(
      'select body from events where log_no = $1 and stream = $2 order by stream_version',
      [logNo, stream],
    )
    return rows.map((row) => row.body)
  }

  /** Those of the events that are in the log. */
  async findEvents(logNo: number, ids: readonly string[]): Promise<string[]> {
    const { rows } = await this.#database.pg.query<{ body: string }>(
      'select body from events where id = any ($1::text[]) and log_no = $2',
      [[...ids], logNo],
    )
    return rows.map((row) => row.body)
  }

  /** Those of the commands that were answered before. */
  async findReceipts(commandIds: readonly string[]): Promise<StoredReceipt[]> {
    const { rows } = await this.#database.pg.query<StoredReceipt>(
      `select command_id as "commandId", content, position + 1 as "from", position as "to", refusal
       from receipts where command_id = any ($1::text[])
       union all
       select left(id, -2), content, position, position + event_count - 1, null
       from events where id = any ($2::text[]) and content is not null`,
      [[...commandIds], commandIds.map((id) => `${id}.0`)],
    )
    return rows
  }

  /** A higher epoch than any this producer had: whoever holds an older one is fenced from here on. */
  async nextEpoch(producerId: string): Promise<number> {
    const { rows } = await this.#database.pg.query<{ epoch: number }>(
      `insert into producers (id, epoch) values ($1, 1)
       on conflict (id) do update set epoch = producers.epoch + 1 returning epoch`,
      [producerId],
    )
    return only(rows).epoch
  }

  async query(sql: string, parameters: readonly unknown[]): Promise<QueryAnswer> {
    const result = await this.#database.pg.query<Record<string, unknown>>(sql, [...parameters])
    return { rows: result.rows, affectedRows: result.affectedRows ?? 0 }
  }

  /** Cuts the write-ahead log if enough was written since the last time. Called when there is nothing else to do. */
  async tidy(): Promise<void> {
    if (this.#bytesSinceCheckpoint < CHECKPOINT_BYTES) return
    this.#bytesSinceCheckpoint = 0
    await this.#database.pg.exec('checkpoint')
  }

  /** Whether {@link tidy} is so overdue that it should not wait for a quiet moment. */
  get tidyOverdue(): boolean {
    return this.#bytesSinceCheckpoint > 4 * CHECKPOINT_BYTES
  }

  /** How many syncs have reached the disk. */
  async syncs(): Promise<number> {
    return this.#database.files.syncs
  }

  async close(): Promise<void> {
    await this.#database.pg.close()
  }
}

function only<T>(rows: readonly T[]): T {
  const row = rows[0]
  if (row === undefined || rows.length > 1) throw new Error(`expected one row, got ${rows.length}`)
  return row
}

function isUniqueViolation(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === UNIQUE_VIOLATION
}
