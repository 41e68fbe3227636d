import type { Setup } from '../session/setup.ts'
import type { SessionConflict } from '../session/conflicts.ts'
import type {
  ChangedFile,
  SessionMode,
  SessionRule,
  SessionStatus,
  StepMode,
  TurnOutcome,
} from '../session/vocabulary.ts'
import type { Toggle } from '../session/toggles.ts'
import type { Role } from '../actor.ts'
import type { Budget, BudgetScope } from '../budget.ts'
import type { ScriptTrust } from '../workspace/trusted-scripts.ts'
import type { Sandbox } from '../workspace/sandbox.ts'
import type { WorkspaceTask } from '../workspace/tasks.ts'
import type { HookEvent, HookSettings } from '../workspace/hooks.ts'
import type { ItemRow, CheckpointRow, OperationRow, CommentRow, HookRoundRow, ProcessRow } from './session-tables.ts'

/**
 * Read models. Every row has a text key; a projector maps an event and the rows it names to changed rows.
 * The same tables live in the page's memory, in the browser's PGlite and (later) on the server.
 */
export interface UserRow {
  userId: string
  name: string
  role: Role
}

export interface ProviderState {
  id: string
  name: string
  available: boolean
  /** Where it is not available: what is missing and what to do. */
  reason: string
  version: string
  models: { id: string; name: string }[]
}

export interface RunnerRow {
  runnerId: string
  name: string
  host: string
  gitVersion: string
  /** Of the runner itself; absent where an older one has not said. */
  version?: string | undefined
  /** Whether it can keep agents in a sandbox; undefined where an older one has not said. */
  sandbox?: boolean | undefined
  providers: ProviderState[]
}

export interface WorkspaceRow {
  workspaceId: string
  name: string
  source: { kind: 'path'; path: string } | { kind: 'url'; url: string } | { kind: 'sample' }
  runnerId: string
  /** Runners that stand in for that one; absent where there never was one. */
  standIns?: string[]
  starterBranch: string
  branches: string[]
  /** Whether agents are kept in a sandbox, where that was set. */
  sandbox?: Sandbox
  /** Patterns of ignored files that new worktrees get, where they were set. */
  copiedFiles?: string[]
  /** What its sessions can run in their worktrees. */
  tasks?: WorkspaceTask[]
  /** Absent until something was set about hooks. */
  hooks?: HookSettings
  /** Whether members may open terminals; absent: they may. */
  terminals?: boolean
  /** What its sessions may take together, where that is limited. */
  budget?: Budget
  status: 'preparing' | 'ready' | 'failed'
  failure: string
  /** Lasting permission rules of all its sessions. */
  rules?: RuleOfRow[]
  /** Scripts of the repository that somebody let run, or refused. */
  scripts?: (ScriptTrust & { by: string })[]
  /** On in new sessions (T-9). */
  toggles?: Toggle[]
  createdAt: number
}

export interface MemberRow {
  workspaceId: string
  userId: string
  name: string
  role: Role
}

export interface InvitationRow {
  workspaceId: string
  invitationId: string
  role: Role
  createdBy: string
  expiresAt: number
  state: 'open' | 'accepted' | 'revoked'
}

/** A bot of a workspace. */
export interface BotRow {
  botId: string
  workspaceId: string
  name: string
  prompt: string
  provider: string
  model: string
  readOnly: boolean
  archived: boolean
  createdAt: number
}

/** Sessions that one prompt began side by side. */
export interface GroupRow {
  groupId: string
  workspaceId: string
  name: string
  sessionIds: string[]
  /** The session that is kept, and who chose it; empty until then. */
  chosen: string
  chosenBy: string
  createdBy: string
  createdAt: number
}

export interface PinRow {
  userId: string
  sessionId: string
  workspaceId: string
  position: number
}

/** A lasting rule as it is listed, with who made it. */
export type RuleOfRow = SessionRule & { by: string }

export interface SessionRow {
  sessionId: string
  workspaceId: string
  name: string
  mode: SessionMode
  provider: string
  model: string
  baseBranch: string
  branch: string
  stepMode: StepMode
  status: SessionStatus
  ending: 'none' | 'done' | 'canceled'
  worktree: 'preparing' | 'ready' | 'failed' | 'archived' | 'removed' | 'restoring' | 'kept'
  worktreePath: string
  /** Why the worktree failed or was kept. */
  worktreeNote: string
  baseCommit: string
  /** Against the branch point, from the newest checkpoint. */
  additions: number
  deletions: number
  fileCount: number
  files: ChangedFile[]
  checkpointId: string
  usd: number
  usdEstimated: boolean
  inputTokens: number
  outputTokens: number
  cacheReadTokens: number
  cacheWriteTokens?: number
  /** What it may take, where that is limited. */
  budget?: Budget
  /** A budget is used up: whose, and the row that says so. */
  hold?: { holdId: string; scope: BudgetScope }
  contextUsed: number
  contextLimit: number
  queued: number
  pendingApprovals: number
  held: 'none' | 'stopped' | 'failed' | 'aborted'
  /** Id of the running turn, or empty. */
  turnId: string
  turnStartedAt: number
  turnStop: 'none' | 'requested' | 'acknowledged'
  lastOutcome: TurnOutcome | ''
  lastOutcomeMessage: string
  messageCount: number
  /** Parts of the conversation that a rewind replaced: from the first position to before the second. Newest last. */
  replaced: { from: number; to: number }[]
  /** Id of the rewind that is asked for and not done, or empty. */
  rewinding: string
  /** Other open sessions that it would not merge with; absent until there was one. */
  conflicts?: SessionConflict[]
  /** The session that this one was forked from, or empty. */
  forkedFrom: string
  /** The repository's own setup script, where it brings one. */
  setup?: Setup
  /** The runner that took it over last; absent while its workspace's own has it. */
  runnerId?: string
  /** The bot that leads it, in mode Bot. */
  botId?: string
  /** The group that it was begun in. */
  groupId?: string
  /** Lasting permission rules; those without a pattern allow exactly one step, or all of their kind. */
  rules?: RuleOfRow[]
  strict?: boolean
  planMode?: boolean
  /** Auto begins when the first turn has ended well. */
  autoAfterFirst?: boolean
  /** Questions, plans and tickets that wait for a person. */
  openActions?: number
  /** Tasks that run now, or wait to. */
  tasksRunning?: number
  /** Whose hooks run now. */
  hooking?: HookEvent
  /** Those that are on (T-9). */
  toggles?: Toggle[]
  /** The item that holds what the agent is told beside messages. */
  instructionsId?: string
  createdBy: string
  createdAt: number
  /** Time of the last message or turn; a rename does not touch it. */
  updatedAt: number
}

export interface Rows {
  users: UserRow
  runners: RunnerRow
  workspaces: WorkspaceRow
  members: MemberRow
  invitations: InvitationRow
  pins: PinRow
  groups: GroupRow
  bots: BotRow
  sessions: SessionRow
  items: ItemRow
  checkpoints: CheckpointRow
  operations: OperationRow
  comments: CommentRow
  processes: ProcessRow
  hookRounds: HookRoundRow
}
export type TableName = keyof Rows
export type AnyRow = Rows[TableName]

export const TABLE_NAMES = [
  'users',
  'runners',
  'workspaces',
  'members',
  'invitations',
  'pins',
  'groups',
  'bots',
  'sessions',
  'items',
  'checkpoints',
  'operations',
  'comments',
  'processes',
  'hookRounds',
] as const satisfies readonly TableName[]

/** Tables whose rows are asked for by session, in order; storage keeps an index for that. Others are small and read whole. */
export const BY_SESSION = [
  'items',
  'checkpoints',
  'operations',
  'comments',
  'processes',
  'hookRounds',
] as const satisfies readonly TableName[]

/**
 * Version of the row shapes, of what projectors write, and of the words that are made of texts for searching. Raise it with
 * any change to these: replicas then rebuild their rows from the events they hold, off line too.
 */
export const PROJECTION_VERSION = 8

/** One changed row; `row: null` means that it is gone. */
export type RowChange = { [T in TableName]: { table: T; key: string; row: Rows[T] | null } }[TableName]

/** A row that a projector will look at. */
export type RowRef = { readonly [T in TableName]: { readonly table: T; readonly key: string } }[TableName]

/** How a projector reads rows: only those that its `refs` named. */
export type ReadRow = <T extends TableName>(table: T, key: string) => Rows[T] | undefined

/** Maps events of one kind of stream to row changes. Pure. */
export interface Projector<E> {
  /** The rows that `project` will read for this event: storage loads them first. */
  refs(event: E, stream: string): readonly RowRef[]
  project(event: E, source: ProjectedFrom, read: ReadRow): readonly RowChange[]
}

export interface ProjectedFrom {
  /** Id part of the stream's or log's name: the session, the workspace, the runner, the user. */
  readonly streamId: string
  readonly logId: string
  readonly actor: { readonly kind: string; readonly id: string }
  readonly at: number
  /** Log position; for optimistic events a number past every position. */
  readonly seq: number
}
