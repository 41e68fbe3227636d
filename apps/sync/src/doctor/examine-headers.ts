import { PROJECTION_VERSION, type StreamId } from '@coppice/events'
import type { StreamHeader } from '@coppice/protocol'
import { CHECKPOINT, foldNothing, foldOne, headerOf, isSession, type Folded } from '../headers/header-projection.ts'
import { HeaderTable, type HeaderRecord } from '../headers/stored-headers.ts'
import { LIMITS } from '../limits.ts'
import { readBody } from '../log/stored-event.ts'
import type { Store } from '../store/store-calls.ts'
import type { ExaminedLog } from './examine-events.ts'
import type { Findings } from './findings.ts'

/**
 * Folds every session of a log from its first event and holds the stored header against it, row for row (EV-6).
 * Each session's header as of the log's head goes to `each`; gives how many there are.
 */
export async function examineHeaders(
  store: Pick<Store, 'query' | 'readStream'>,
  log: ExaminedLog,
  { findings, mend, each }: { findings: Findings; mend: boolean; each: (header: StreamHeader) => void },
): Promise<number> {
  const table = new HeaderTable(store, log.no)
  const say = (says: string): void =>
    findings.add(`${log.log} headers`, {
      level: 'wrong',
      area: 'headers',
      says,
      advice: mend
        ? 'It was made anew from the events.'
        : 'Run `coppice doctor --mend` to make it anew from the events.',
      mending: mend ? 'done' : 'possible',
    })
  const sessions = await sessionsOf(store, log)
  for (const { stream, owed } of sessions) {
    // The stored one first: what is folded after it is at least as far.
    const stored = await table.one(stream, PROJECTION_VERSION)
    const { whole, atStored } = await fold(store, log, stream, stored?.version)
    const problem = misfit(stored, atStored, owed)
    if (problem !== undefined) {
      say(`Log ${log.log}: the header of ${stream} ${problem}.`)
      if (mend) await replace(store, log.no, stream, whole)
    }
    each(headerOf(stream, whole))
  }
  const known = new Set<string>(sessions.map(({ stream }) => stream))
  for (const stream of await namesOf(table)) {
    if (known.has(stream)) continue
    say(`Log ${log.log}: there is a header of ${stream}, and no event.`)
    if (mend) await store.query('delete from stream_headers where log_no = $1 and stream = $2', [log.no, stream])
  }
  return sessions.length
}

/** Why a stored header is not what its events make; undefined where it is. A header may lag behind, not past its checkpoint. */
function misfit(stored: HeaderRecord | undefined, atStored: Folded | undefined, owed: number): string | undefined {
  if (stored === undefined) return owed > 0 ? 'is missing' : undefined
  if (atStored === undefined) return `says it has ${stored.version} events, which is more than there are`
  if (stored.version < owed) return `has ${stored.version} of its events, and should have ${owed}`
  const expected = headerOf(stored.stream as StreamId, atStored)
  if (JSON.stringify(expected) === stored.body) return undefined
  return `differs from its events${firstDifference(expected, stored.body)}`
}

function firstDifference(expected: StreamHeader, body: string): string {
  try {
    const stored = JSON.parse(body) as Partial<StreamHeader>
    for (const { table, key, row } of expected.rows) {
      const other = stored.rows?.find((one) => one.table === table && one.key === key)?.row
      if (other === undefined) return `: row ${key} of ${table} is missing`
      const field = Object.keys({ ...row, ...other }).find(
        (name) => JSON.stringify(row[name]) !== JSON.stringify(other[name]),
      )
      if (field !== undefined) return `, first in ${table}.${field} of ${key}`
    }
    return ' in its state'
  } catch (error) {
    if (error instanceof SyntaxError) return ': it is not JSON'
    throw error
  }
}

/** Sessions by their events, with how many of them the log has up to the header checkpoint's position. */
async function sessionsOf(
  store: Pick<Store, 'query'>,
  { no, head }: ExaminedLog,
): Promise<{ stream: StreamId; owed: number }[]> {
  const { rows } = await store.query(
    `select stream, count(*) filter (where position <= coalesce(
       (select version from stream_headers where log_no = $1 and stream = $3 and projection = $4), 0))::int as owed
     from events where log_no = $1 and position <= $2 and stream like 'session/%' group by stream order by stream`,
    [no, head, CHECKPOINT, PROJECTION_VERSION],
  )
  return rows.map((row) => ({ stream: String(row['stream']) as StreamId, owed: Number(row['owed']) }))
}

/** A session from zero: all of it, and as it was after so many events, if there are as many. */
async function fold(
  store: Pick<Store, 'readStream'>,
  { log, no }: ExaminedLog,
  stream: StreamId,
  storedVersion: number | undefined,
): Promise<{ whole: Folded; atStored: Folded | undefined }> {
  let whole = foldNothing(log, stream)
  let atStored: Folded | undefined
  for (;;) {
    const bodies = await store.readStream(no, stream, { after: whole.version, limit: LIMITS.catchUpEvents })
    for (const body of bodies) {
      whole = foldOne(whole, readBody(body))
      if (whole.version === storedVersion) atStored = whole
    }
    if (bodies.length < LIMITS.catchUpEvents) return { whole, atStored }
  }
}

async function replace(store: Pick<Store, 'query'>, no: number, stream: StreamId, folded: Folded): Promise<void> {
  await store.query(
    `insert into stream_headers (log_no, stream, version, projection, body) values ($1, $2, $3, $4, $5)
     on conflict (log_no, stream) do update
       set version = excluded.version, projection = excluded.projection, body = excluded.body`,
    [no, stream, folded.version, PROJECTION_VERSION, JSON.stringify(headerOf(stream, folded))],
  )
}

async function namesOf(table: HeaderTable): Promise<string[]> {
  const found: string[] = []
  for (let after: string = CHECKPOINT; ;) {
    const page = await table.page(after, PROJECTION_VERSION, LIMITS.snapshotStreams)
    found.push(...page.map(({ stream }) => stream).filter(isSession))
    const last = page.at(-1)
    if (last === undefined) return found
    after = last.stream
  }
}
