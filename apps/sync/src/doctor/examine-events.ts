import { canonicalText, isKnown, type LogId, type RecordedEvent } from '@coppice/events'
import { LIMITS } from '../limits.ts'
import { readBody } from '../log/stored-event.ts'
import type { Store } from '../store/store-calls.ts'
import type { Findings } from './findings.ts'

/** A log as it is examined: up to its head as of the beginning. */
export interface ExaminedLog {
  readonly log: LogId
  readonly no: number
  readonly epoch: string
  readonly head: number
}

interface StoredRow {
  readonly position: number
  readonly id: string
  readonly stream: string
  readonly streamVersion: number
  readonly content: string | null
  readonly eventCount: number | null
  readonly body: string
}

const LEAVE_IT =
  'Events are never mended: keep this folder as it is, and restore the last backup that `coppice doctor` finds clean (docs/operations.md).'

/**
 * Reads a whole log in order, holds each event against its place and against its schema, and hands every body on.
 * After every page of them `page` is waited for. Gives how many events there are, and whether one of them cannot be read.
 */
export async function examineEvents(
  store: Pick<Store, 'query'>,
  { log, no, head }: ExaminedLog,
  findings: Findings,
  read: { each: (body: string) => void; page: () => Promise<void> },
): Promise<{ events: number; broken: boolean }> {
  const wrong = (kind: string, says: string): void =>
    findings.add(`${log} ${kind}`, { level: 'wrong', area: 'log', says, advice: LEAVE_IT, mending: 'no' })
  const versions = new Map<string, number>()
  let [position, events, unread, recordedAt] = [0, 0, 0, 0]
  let command: Begun | undefined
  let broken = false
  while (position < head) {
    const rows = await readRows(store, no, position, head)
    if (rows.length === 0) break
    for (const row of rows) {
      if (row.position !== position + 1)
        wrong('gap', `Log ${log}: ${range(position + 1, row.position - 1)} missing before position ${row.position}.`)
      position = row.position
      events += 1
      read.each(row.body)
      const version = (versions.get(row.stream) ?? 0) + 1
      if (row.streamVersion !== version)
        wrong(
          'version',
          `Log ${log}, position ${position}: the event is number ${row.streamVersion} of ${row.stream}, and should be number ${version}.`,
        )
      versions.set(row.stream, row.streamVersion)
      command = followCommand(command, row, (says) => wrong('receipt', `Log ${log}, position ${position}: ${says}`))
      const event = readRow(row, (says) => wrong('body', `Log ${log}, position ${position}: ${says}`))
      broken ||= event === undefined
      if (event === undefined) continue
      if (event.log !== log) wrong('log', `Log ${log}, position ${position}: the event says it is of log ${event.log}.`)
      if (event.recordedAt < recordedAt)
        wrong('time', `Log ${log}, position ${position}: the event was recorded before the one in front of it.`)
      recordedAt = Math.max(recordedAt, event.recordedAt)
      if (!isKnown(event)) unread += 1
    }
    await read.page()
  }
  if (command) wrong('receipt', `Log ${log}: ${missingPart(command)}`)
  if (position < head) wrong('gap', `Log ${log}: ${range(position + 1, head)} missing at the end.`)
  if (unread > 0)
    findings.add(`${log} unread`, {
      level: 'degraded',
      area: 'log',
      says: `Log ${log} has ${unread} events that this version of Coppice does not know; they are kept and passed on.`,
      advice: 'A later version has written them. Start that one to see them.',
      mending: 'no',
    })
  return { events, broken }
}

/** A command whose events are being read. */
interface Begun {
  readonly id: string
  readonly count: number
  readonly seen: number
}

/** The receipt stands with a command's first event and says how many follow; they follow at once. */
function followCommand(begun: Begun | undefined, row: StoredRow, wrong: (says: string) => void): Begun | undefined {
  if (begun && row.id !== `${begun.id}.${begun.seen}`) wrong(missingPart(begun))
  else if (begun) return begun.seen + 1 < begun.count ? { ...begun, seen: begun.seen + 1 } : undefined
  if (row.content === null) {
    if (row.id.includes('.') || row.eventCount !== null)
      wrong(`the event ${row.id} is of a command whose receipt is missing.`)
    return undefined
  }
  if (!row.id.endsWith('.0') || row.eventCount === null || row.eventCount < 1) {
    wrong(`the receipt beside event ${row.id} is not that of a command's first event.`)
    return undefined
  }
  return row.eventCount > 1 ? { id: row.id.slice(0, -2), count: row.eventCount, seen: 1 } : undefined
}

const missingPart = ({ id, count, seen }: Begun): string =>
  `the receipt of command ${id} says ${count} events, and ${seen} are there.`

function readRow(row: StoredRow, wrong: (says: string) => void): RecordedEvent | undefined {
  let event: RecordedEvent
  try {
    if (canonicalText(JSON.parse(row.body)) !== row.body)
      wrong('the stored text of the event is not in canonical form.')
    event = readBody(row.body)
  } catch (error) {
    wrong(`the event cannot be read: ${error instanceof Error ? error.message : String(error)}`)
    return undefined
  }
  const { position, id, stream, streamVersion } = event
  if (position !== row.position || id !== row.id || stream !== row.stream || streamVersion !== row.streamVersion)
    wrong(
      `the event says it is ${id}, number ${streamVersion} of ${stream} at position ${position}; it is stored as another.`,
    )
  return event
}

async function readRows(store: Pick<Store, 'query'>, no: number, after: number, upTo: number): Promise<StoredRow[]> {
  const { rows } = await store.query(
    `select position, id, stream, stream_version, content, event_count, body from events
     where log_no = $1 and position > $2 and position <= $3 order by position limit $4`,
    [no, after, upTo, LIMITS.treeReadEvents],
  )
  return rows.map((row) => ({
    position: Number(row['position']),
    id: String(row['id']),
    stream: String(row['stream']),
    streamVersion: Number(row['stream_version']),
    content: row['content'] === null ? null : String(row['content']),
    eventCount: row['event_count'] === null ? null : Number(row['event_count']),
    body: String(row['body']),
  }))
}

const range = (from: number, to: number): string =>
  from === to ? `position ${from} is` : `positions ${from} to ${to} are`
