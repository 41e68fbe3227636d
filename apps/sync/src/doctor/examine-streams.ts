import { createHash } from 'node:crypto'
import type { Store } from '../store/store-calls.ts'
import type { Findings } from './findings.ts'
import type { NamedByEvents } from './named-by-events.ts'

const NAMED_MOST = 100
const CHUNKS = 64

/**
 * Holds the pieces of every byte stream against its length: they must follow one another from 0 to the end. Each check is one
 * statement, so that it is true of one moment, whatever is appended meanwhile. Gives how many streams there are.
 */
export async function examineStreams(store: Pick<Store, 'query'>, findings: Findings): Promise<number> {
  for (const [sql, says] of CHECKS) {
    const { rows } = await store.query(`${sql} limit ${NAMED_MOST}`, [])
    for (const row of rows)
      findings.add('streams', { level: 'wrong', area: 'streams', says: says(row), advice: LEAVE_IT, mending: 'no' })
  }
  const { rows } = await store.query('select count(*)::int as streams from byte_streams where gone is null', [])
  return Number(rows[0]?.['streams'])
}

const LEAVE_IT = 'Streams are never mended: read what is there, and take the rest from a backup.'

type Row = Record<string, unknown>
const text = (row: Row, name: string): string => String(row[name])

const CHECKS: readonly (readonly [sql: string, says: (row: Row) => string])[] = [
  [
    `select path, start, expected from (
       select stream_no, start,
         coalesce(lag(start + length(bytes)) over (partition by stream_no order by start), 0) as expected
       from byte_stream_chunks
     ) pieces join byte_streams on no = stream_no where start <> expected order by path, start`,
    (row) =>
      `Stream ${text(row, 'path')}: a piece begins at ${text(row, 'start')}, and the one before it ends at ${text(row, 'expected')}.`,
  ],
  [
    `select path, tail, coalesce(reached, 0) as reached from byte_streams
     left join (
       select stream_no, max(start + length(bytes)) as reached from byte_stream_chunks group by stream_no
     ) pieces on stream_no = no
     where gone is null and tail <> coalesce(reached, 0) order by path`,
    (row) =>
      `Stream ${text(row, 'path')} has ${text(row, 'tail')} bytes by its length, and its pieces end at ${text(row, 'reached')}.`,
  ],
  [
    `select stream_no, count(*)::int as pieces from byte_stream_chunks
     where not exists (select from byte_streams where no = stream_no and gone is null) group by stream_no order by stream_no`,
    (row) => `${text(row, 'pieces')} pieces are of stream number ${text(row, 'stream_no')}, which is not there.`,
  ],
  [
    `select path, forks, (select count(*)::int from byte_streams fork where fork.source_no = source.no) as named
     from byte_streams source
     where forks <> (select count(*) from byte_streams fork where fork.source_no = source.no) order by path`,
    (row) =>
      `Stream ${text(row, 'path')} counts ${text(row, 'forks')} forks, and ${text(row, 'named')} name it as their source.`,
  ],
  [
    `select path from byte_streams where closed_by is not null and not closed order by path`,
    (row) => `Stream ${text(row, 'path')} was closed by a producer, and is open.`,
  ],
]

/** Holds the records of turns against what the events that ended the turns say of them. */
export async function examineRecords(
  store: Pick<Store, 'query'>,
  { records }: NamedByEvents,
  findings: Findings,
): Promise<void> {
  for (const record of records) {
    const { rows } = await store.query('select no, tail, closed, gone from byte_streams where path = $1', [record.path])
    const row = rows[0]
    const of = `Log workspace:${record.workspaceId}, position ${record.position}: the record of the turn (stream ${record.path})`
    if (row === undefined || row['gone'] !== null || Number(row['tail']) < record.bytes || row['closed'] !== true)
      findings.add('records under way', {
        level: 'degraded',
        area: 'streams',
        says: `${of} is not here to its end.`,
        advice:
          'Its runner sends the rest when it is connected. If it was, and its data folder is gone, so is the rest.',
        mending: 'no',
      })
    else if (Number(row['tail']) !== record.bytes || (await hashOf(store, Number(row['no']))) !== record.sha256)
      findings.add('records', {
        level: 'wrong',
        area: 'streams',
        says: `${of} is not what the event says: ${record.bytes} bytes with SHA-256 ${record.sha256}.`,
        advice: LEAVE_IT,
        mending: 'no',
      })
  }
}

async function hashOf(store: Pick<Store, 'query'>, no: number): Promise<string> {
  const hash = createHash('sha256')
  for (let after = -1; ;) {
    const { rows } = await store.query(
      'select start, bytes from byte_stream_chunks where stream_no = $1 and start > $2 order by start limit $3',
      [no, after, CHUNKS],
    )
    for (const row of rows) {
      hash.update(row['bytes'] as Uint8Array)
      after = Number(row['start'])
    }
    if (rows.length < CHUNKS) return hash.digest('hex')
  }
}
