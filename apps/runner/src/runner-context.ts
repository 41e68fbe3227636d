import type {
  Actor,
  BotState,
  CommandData,
  KnownCommand,
  KnownObservation,
  LogId,
  ObservationData,
  SessionState,
  Spent,
  StreamId,
  WorkspaceState,
} from '@coppice/events'
import type { ActivityMessage, LiveItem, Receipt } from '@coppice/protocol'
import type { AgentTimeouts } from './agents/acp-agent.ts'
import type { Redaction } from './agents/redaction.ts'
import type { SessionDiffs } from './diff/session-diffs.ts'
import type { SecretStore } from './secrets/secret-store.ts'
import type { QueueingLocks } from './git/queueing-lock.ts'
import type { Worktrees } from './git/worktree.ts'
import type { WorkPlaces } from './machine/work-places.ts'
import type { PortRanges } from './processes/port-ranges.ts'
import type { Pickers } from './pickers/pickers.ts'
import type { ToolServer } from './session-tools/tool-server.ts'
import type { FetchBlob } from './turns/attached-files.ts'
import type { RunRecords } from './records/run-records.ts'
import type { StaleSettings } from './turns/stale-watch.ts'
import type { ReadSession } from './turns/read-session.ts'

/** Where an event or command goes. */
export type Address = { readonly log: LogId; readonly stream: StreamId }
/** What led to something: the event behind it, and the click at the root. */
export type Cause = { readonly id: string; readonly correlationId: string }
/** What the reactors act through. */
export type RunnerContext = {
  readonly runnerId: string
  readonly dataFolder: string
  readonly env: NodeJS.ProcessEnv
  readonly locks: QueueingLocks
  readonly worktrees: Worktrees
  readonly redaction: Redaction
  /** What agents get in their environment beside the runner's own. */
  readonly secrets: SecretStore
  /** A file that goes with a message. */
  readonly fetchBlob: FetchBlob
  /** Keeps bytes on the server as a blob of a workspace; named by their SHA-256. Rejects where that cannot be. */
  storeBlob(workspaceId: string, sha256: string, bytes: Uint8Array, type: string): Promise<void>
  /** All that the log has of a session. */
  readonly readSession: ReadSession
  /** Lets agents use the tools of their sessions. */
  readonly tools: Pick<ToolServer, 'admit'>
  /** What sessions changed. */
  readonly diffs: SessionDiffs
  /** Ports of each session's own. */
  readonly ports: Pick<PortRanges, 'of' | 'forget'>
  /** What people pick from while they write. */
  readonly pickers: Pickers
  /** Where the records of turns go. */
  readonly records: Pick<RunRecords, 'begin' | 'grown' | 'over'>
  readonly timeouts: AgentTimeouts
  /** Where sessions wait until they may work. */
  readonly places: WorkPlaces
  readonly stale: StaleSettings
  /** How long an idle agent is kept, ms. */
  readonly agentIdleMs: number
  /** Whether a workspace wants its agents in a sandbox. */
  sandboxOf(workspaceId: string): WorkspaceState['sandbox']
  /** What all sessions of a workspace but one took together. */
  spentElsewhere(address: Address): Spent
  /** The bot that leads a session, as it is now; undefined where none does, or there is no such bot. */
  botOf(address: Address, botId: string | undefined): BotState | undefined
  /** The sessions that were begun together with one. */
  othersOfGroup(address: Address, groupId: string): readonly SessionState[]
  now(): number
  /** A line for the operator; secrets are taken out. */
  say(line: string): void
  /** Tells the log a fact, through the spool. The id follows from cause and step. Settles when it is stored; false if it never will be. */
  observe<T extends KnownObservation['type']>(
    address: Address,
    type: T,
    data: ObservationData<T>,
    cause: Cause,
    step: string,
    actor?: Actor,
  ): Promise<boolean>
  /** Sends a command and waits for its receipt, however long the server is away. */
  push<T extends KnownCommand['type']>(
    address: Address,
    type: T,
    data: CommandData<T>,
    id: string,
    correlationId: string,
  ): Promise<Receipt['result']>
  /** Tells all who may see a session what its agent is at; lost when the server is away. */
  activity(activity: Omit<ActivityMessage, 't'>): void
  /** Tells those who watch a session; lost when the server is away. */
  live(log: LogId, sessionId: string, items: readonly LiveItem[]): void
}
