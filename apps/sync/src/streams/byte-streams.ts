import { LIMITS } from '../limits.ts'
import type { Store } from '../store/store-calls.ts'
import type { Wakeups } from './wakeups.ts'

/** A stream as it stands. Offsets are bytes from its beginning. */
export interface StreamHead {
  /** Never given twice, even to a stream of the same name. */
  readonly no: number
  readonly contentType: string
  /** Idle life in seconds. */
  readonly ttl: number | undefined
  /** Its fixed end: milliseconds since 1970, and the words it was given in. */
  readonly expiresAt: number | undefined
  readonly expiresText: string | undefined
  readonly tail: number
  readonly closed: boolean
}

/** `held`: deleted, but others were forked from it and its name stays taken. `missing` says why if that is known. */
export type Absent = { readonly absent: 'missing' | 'held'; readonly gone?: 'deleted' | 'expired' }

export interface Creation {
  readonly contentType: string
  readonly ttl: number | undefined
  readonly expires: { readonly at: number; readonly text: string } | undefined
  readonly closed: boolean
  readonly bytes: Uint8Array
  /** `given`: whether the request named the offset. */
  readonly fork: { readonly path: string; readonly at: number; readonly given: boolean } | undefined
}

export interface Created {
  readonly outcome: 'created' | 'same' | 'different' | 'held' | 'source_held' | 'source_missing'
  readonly tail: number
  readonly contentType: string
  readonly closed: boolean
}

/** Who appends, how often it has begun anew, and its how-manieth request this is (section 5.2.1 of the protocol). */
export interface ProducerClaim {
  readonly id: string
  readonly epoch: number
  readonly seq: number
}

export interface Appending {
  /** Undefined with an empty body, whose type does not matter. */
  readonly contentType: string | undefined
  readonly bytes: Uint8Array
  readonly seq: string | undefined
  readonly producer: ProducerClaim | undefined
  readonly close: boolean
}

export interface Appended {
  readonly outcome:
    | 'appended'
    | 'repeated'
    | 'missing'
    | 'held'
    | 'fenced'
    | 'closed'
    | 'type'
    | 'not_from_zero'
    | 'gap'
    | 'sequence'
    | 'full'
  readonly tail: number
  readonly closed: boolean
  /** What is known of the producer. */
  readonly epoch: number | undefined
  readonly seq: number | undefined
  readonly gone: 'deleted' | 'expired' | undefined
}

export interface Piece {
  readonly bytes: Uint8Array
  /** Offset after the last of them. */
  readonly next: number
}

type Row = Record<string, unknown>

/** The byte streams of the store: every call is one statement and, where it writes, one sync. */
export class ByteStreams {
  readonly #store: Pick<Store, 'query'>
  readonly #wakeups: Pick<Wakeups, 'tell'>

  constructor(store: Pick<Store, 'query'>, wakeups: Pick<Wakeups, 'tell'>) {
    this.#store = store
    this.#wakeups = wakeups
  }

  /** @param use whether this counts as use of a stream that expires when idle. */
  async open(path: string, use: boolean): Promise<StreamHead | Absent> {
    const { rows } = await this.#store.query('select * from open_byte_stream($1, $2)', [path, use])
    const row = rows[0]
    if (row === undefined) return { absent: 'missing' }
    const gone = goneOf(row)
    if (gone !== undefined) return { absent: Number(row['forks']) > 0 ? 'held' : 'missing', gone }
    return {
      no: Number(row['no']),
      contentType: String(row['content_type']),
      ttl: numberOf(row['ttl']),
      expiresAt: numberOf(row['expires_at']),
      expiresText: typeof row['expires_text'] === 'string' ? row['expires_text'] : undefined,
      tail: Number(row['tail']),
      closed: row['closed'] === true,
    }
  }

  async create(path: string, of: Creation): Promise<Created> {
    const { rows } = await this.#store.query(
      'select * from create_byte_stream($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)',
      [
        path,
        of.contentType,
        of.ttl ?? null,
        of.expires?.at ?? null,
        of.expires?.text ?? null,
        of.closed,
        of.bytes,
        of.fork?.path ?? null,
        of.fork?.at ?? null,
        of.fork?.given ?? false,
      ],
    )
    const row = only(rows)
    return {
      outcome: String(row['outcome']) as Created['outcome'],
      tail: Number(row['tail']),
      contentType: String(row['content_type']),
      closed: row['closed'] === true,
    }
  }

  /** Settles when the bytes are on disk. */
  async append(path: string, what: Appending): Promise<Appended> {
    const { producer } = what
    const { rows } = await this.#store.query(
      'select * from append_to_byte_stream($1, $2, $3, $4, $5, $6, $7, $8, $9)',
      [
        path,
        what.contentType ?? null,
        what.bytes,
        LIMITS.streamBytes,
        what.seq ?? null,
        producer?.id ?? null,
        producer?.epoch ?? null,
        producer?.seq ?? null,
        what.close,
      ],
    )
    const row = only(rows)
    const outcome = String(row['outcome']) as Appended['outcome']
    if (outcome === 'appended') this.#wakeups.tell(path)
    return {
      outcome,
      tail: Number(row['tail'] ?? 0),
      closed: row['closed'] === true,
      epoch: numberOf(row['epoch']),
      seq: numberOf(row['seq']),
      gone: goneOf(row),
    }
  }

  /** Bytes from an offset on: whole appends until there are enough, so a little more than `LIMITS.streamReadBytes`. */
  async read(no: number, from: number): Promise<Piece> {
    const { rows } = await this.#store.query(
      `select start, bytes from byte_stream_chunks
       where stream_no = $1 and start < $2::bigint + $3
         and start >= coalesce((select max(start) from byte_stream_chunks where stream_no = $1 and start <= $2), 0)
       order by start`,
      [no, from, LIMITS.streamReadBytes],
    )
    const parts = rows.map((row) => {
      const [start, bytes] = [Number(row['start']), bytesOf(row['bytes'])]
      return bytes.subarray(Math.min(Math.max(from - start, 0), bytes.length))
    })
    const bytes = parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts)
    return { bytes, next: from + bytes.length }
  }

  /** The rest of the append that an offset lies in or before; empty at the end. */
  async restOfAppend(no: number, from: number): Promise<Uint8Array> {
    const { rows } = await this.#store.query(
      `select start, bytes from byte_stream_chunks
       where stream_no = $1 and start <= $2 order by start desc limit 1`,
      [no, from],
    )
    const row = rows[0]
    return row === undefined ? new Uint8Array() : bytesOf(row['bytes']).subarray(from - Number(row['start']))
  }

  async delete(path: string): Promise<'deleted' | 'held' | 'missing'> {
    const { rows } = await this.#store.query('select delete_byte_stream($1) as outcome', [path])
    this.#wakeups.tell(path)
    return String(only(rows)['outcome']) as 'deleted' | 'held' | 'missing'
  }

  /** Ends streams that expired unseen and forgets those that went long ago; how many. */
  async sweep(now: number): Promise<number> {
    const { rows } = await this.#store.query('select sweep_byte_streams($1) as swept', [now - LIMITS.streamTombstoneMs])
    return Number(only(rows)['swept'])
  }
}

function only(rows: readonly Row[]): Row {
  const row = rows[0]
  if (row === undefined || rows.length > 1) throw new Error(`expected one row, got ${rows.length}`)
  return row
}

const numberOf = (value: unknown): number | undefined =>
  value === null || value === undefined ? undefined : Number(value)

const goneOf = ({ gone }: Row): 'deleted' | 'expired' | undefined =>
  gone === 'deleted' || gone === 'expired' ? gone : undefined

function bytesOf(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value
  throw new Error(`expected bytes from the store, got ${typeof value}`)
}
