import path from 'node:path'
import { asWorkspace, idIn, WORKSPACE_STREAM, type LogId, type SessionState, type StreamId } from '@coppice/events'
import type { KnownSession, ServerExamination, StreamHeader } from '@coppice/protocol'
import { foldNothing } from '../headers/header-projection.ts'
import { openSigningKey } from '../proof/signing-key.ts'
import { settingsIn } from '../settings.ts'
import { StreamStates } from '../log/stream-states.ts'
import type { RunningStore } from '../store/running-store.ts'
import { examineBlobs } from './examine-blobs.ts'
import { examineEvents, type ExaminedLog } from './examine-events.ts'
import { bytesBelow, examineFolder } from './examine-folder.ts'
import { examineHeaders } from './examine-headers.ts'
import { ProofExamination } from './examine-proof.ts'
import { examineReceipts } from './examine-receipts.ts'
import { examineRooms } from './examine-rooms.ts'
import { examineRecords, examineStreams } from './examine-streams.ts'
import { Findings } from './findings.ts'
import { NamedByEvents } from './named-by-events.ts'

export interface ExaminationOptions {
  readonly store: RunningStore
  readonly dataFolder: string
  /** Mend what is safe. Only where no server runs on the store. */
  readonly mend: boolean
  /** Whether a server runs on it. */
  readonly served: boolean
  readonly serverVersion: string
}

/** Looks at all that a server keeps, and holds everything that is computed from the events against them (OB-2). */
export async function examine(options: ExaminationOptions): Promise<ServerExamination> {
  const { store, dataFolder, mend, served } = options
  const findings = new Findings()
  const sessions: KnownSession[] = []
  const settings = settingsIn(store)
  const key = await openSigningKey(settings)
  const examined = { logs: 0, events: 0, sessions: 0, receipts: 0, blobs: 0, streams: 0, rooms: 0 }
  const named = new NamedByEvents()
  examineFolder(dataFolder, { findings, mend, served })
  for (const log of await logsIn(store)) {
    examined.logs += 1
    const proof = await ProofExamination.begin(store, log, key, findings)
    const { events, broken } = await examineEvents(store, log, findings, {
      each: (body) => {
        proof.add(body)
        named.add(log.log, body)
      },
      page: () => proof.compareTiles(),
    })
    await proof.end(mend)
    examined.events += events
    // Of events that cannot be read no headers can be made.
    if (broken) continue
    const runnerId = await runnerOf(store, log)
    const each = (header: StreamHeader): void => void sessions.push(knownSession(log.log, runnerId, header))
    examined.sessions += await examineHeaders(store, log, { findings, mend, each })
  }
  examined.receipts = await examineReceipts(store, findings)
  examined.blobs = await examineBlobs(store, path.join(dataFolder, 'blobs'), { named, findings, mend })
  examined.streams = await examineStreams(store, findings)
  await examineRecords(store, named, findings)
  examined.rooms = await examineRooms(store, findings)
  const runnerId = await settings.get('local_runner_id')
  return {
    findings: findings.all(),
    examined,
    bytes: await bytesIn(store, dataFolder),
    versions: {
      coppice: options.serverVersion,
      node: process.version,
      schema: String(await schemaOf(store)),
    },
    sessions,
    ...(runnerId !== undefined && { runnerId }),
  }
}

async function logsIn(store: RunningStore): Promise<ExaminedLog[]> {
  const { rows } = await store.query('select no, id, epoch, head from logs order by no', [])
  return rows.map((row) => ({
    no: Number(row['no']),
    log: String(row['id']) as LogId,
    epoch: String(row['epoch']),
    head: Number(row['head']),
  }))
}

/** The runner that a workspace's sessions are on. */
async function runnerOf(store: RunningStore, { log, no }: ExaminedLog): Promise<string> {
  if (!log.startsWith('workspace:')) return ''
  const held = await new StreamStates(store, log, no).load(WORKSPACE_STREAM)
  return asWorkspace(held?.state ?? foldNothing(log, WORKSPACE_STREAM).state).runnerId
}

/** Folders that are made, and not yet removed. */
const WITH_WORKTREE: readonly SessionState['worktree'][] = ['ready']

function knownSession(log: LogId, runnerId: string, { stream, state }: StreamHeader): KnownSession {
  const { worktree } = state as unknown as SessionState
  return { sessionId: idIn(stream as StreamId), log, runnerId, hasWorktree: WITH_WORKTREE.includes(worktree) }
}

/** Which tables hold what kind of thing. */
const KINDS: readonly (readonly [kind: string, pattern: string])[] = [
  ['events', '^(events|receipts)$'],
  ['derived', '^(tree_tiles|tree_heads|stream_headers)$'],
  ['streams', '^byte_stream'],
  ['documents', '^yjs_'],
]

async function bytesIn(store: RunningStore, dataFolder: string): Promise<Record<string, number>> {
  const bytes: Record<string, number> = {}
  for (const [kind, pattern] of KINDS) {
    const { rows } = await store.query(
      `select coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint as bytes
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname = current_schema() and c.relkind = 'r' and c.relname ~ $1`,
      [pattern],
    )
    bytes[`${kind} in the database`] = Number(rows[0]?.['bytes'])
  }
  if (!store.shared) bytes['database on disk, with its write-ahead log'] = bytesBelow(path.join(dataFolder, 'store'))
  bytes['blobs'] = bytesBelow(path.join(dataFolder, 'blobs'))
  return bytes
}

async function schemaOf(store: RunningStore): Promise<number> {
  const { rows } = await store.query('select count(*)::int as steps from schema_steps', [])
  return Number(rows[0]?.['steps'])
}
