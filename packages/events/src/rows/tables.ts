import type { Setup } from '../session/setup.ts'
import type { SessionConflict } from '../session/conflicts.ts'
import type {
  AgentTrouble,
  Attachment,
  ChangedFile,
  SessionMode,
  SessionRule,
  SessionStatus,
  StepMode,
  ToolFamily,
  TurnOutcome,
  Usage,
} from '../session/vocabulary.ts'
import type { IdeOffer } from '../session/ide-vocabulary.ts'
import type { GitOperation } from '../session/worktree-operations.ts'
import type { CommentPlace } from '../session/comment-vocabulary.ts'
import type { Action, ActionAnswer } from '../session/action-vocabulary.ts'
import type { Toggle } from '../session/toggles.ts'
import type { Role } from '../actor.ts'
import type { Budget, BudgetScope } from '../budget.ts'
import type { ScriptTrust } from '../workspace/trusted-scripts.ts'
import type { Sandbox } from '../workspace/sandbox.ts'
import type { TaskKind, WorkspaceTask } from '../workspace/tasks.ts'

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
  /** Those that are on (T-9). */
  toggles?: Toggle[]
  /** The item that holds what the agent is told beside messages. */
  instructionsId?: string
  createdBy: string
  createdAt: number
  /** Time of the last message or turn; a rename does not touch it. */
  updatedAt: number
}

/** What a row of the conversation is. */
export type ItemKind =
  | 'user'
  | 'agent'
  | 'thinking'
  | 'tool'
  | 'approval'
  | 'system'
  | 'summary'
  | 'hook_failure'
  | 'plan'
  | 'action'
  | 'instructions'
  | 'turn_end'
/** The five message statuses (M-14). */
export type ItemStatus = 'pending' | 'working' | 'done' | 'failed' | 'canceled'

export interface FilePatch {
  path: string
  additions: number
  deletions: number
  patch: string
  cut: boolean
}

/** Kind-specific parts of an item. Only the fields of its kind are set. */
export interface ItemDetail {
  /** Files that go with a message; their bytes are blobs. */
  attachments?: Attachment[]
  /** tool */
  family?: ToolFamily
  title?: string
  target?: string
  outcome?: 'done' | 'failed' | 'canceled' | 'rejected' | 'aborted'
  exitCode?: number | null
  durationMs?: number
  omittedChars?: number
  changes?: FilePatch[]
  permittedBy?: 'auto' | 'read' | 'rule' | 'coppice' | 'person'
  /** approval */
  toolId?: string
  detail?: string
  detailKind?: 'command' | 'diff' | 'text'
  state?: 'pending' | 'allowed' | 'allowed_session' | 'rejected' | 'withdrawn'
  /** Who answered (user id), or why it was withdrawn. */
  by?: string
  reason?: string
  /** message */
  source?: string
  cutOff?: boolean
  edited?: boolean
  /** Said into a running turn. */
  steered?: boolean
  /** Deleted after it was delivered. */
  struck?: boolean
  /** plan */
  entries?: { text: string; status: 'pending' | 'in_progress' | 'done' }[]
  /** action */
  action?: Action
  answer?: ActionAnswer
  /** The agent waits for the answer. */
  waits?: boolean
  /** The message whose block it is, and which one. */
  messageId?: string
  block?: number
  /** instructions */
  way?: 'system_prompt' | 'first_prompt'
  /** turn_end */
  turnOutcome?: TurnOutcome
  trouble?: AgentTrouble
  /** What it took: of a message or tool, the calls of the model that it belongs to; of a turn's end, all of the turn. */
  usage?: Usage
  /** A budget that is nearly, or all, used. */
  budget?: { scope: BudgetScope; unit: Budget['unit']; spent: number; limit: number; held: boolean }
}

/** One row of a conversation. */
export interface ItemRow {
  itemId: string
  sessionId: string
  workspaceId: string
  /** Order in the conversation: log position of the event that put it there; past every position while optimistic; 0 while queued. */
  seq: number
  /** Place in the queue (from 1) of a message not delivered yet; else 0. */
  queue: number
  turnId: string
  parentId: string
  kind: ItemKind
  status: ItemStatus
  /** User id of a user message's author; else empty. */
  author: string
  at: number
  text: string
  detail: ItemDetail
}

export interface CheckpointRow {
  checkpointId: string
  sessionId: string
  commit: string
  tree: string
  reason: string
  turnId: string
  at: number
  additions: number
  deletions: number
}

export interface OperationRow {
  operationId: string
  sessionId: string
  operation: GitOperation
  /** `offered`: from a local editor, and not confirmed yet. */
  state: 'offered' | 'requested' | 'running' | 'completed' | 'failed' | 'canceled'
  message: string
  /** Where what it made is to be seen. */
  url?: string
  files: string[]
  /** Of what was sent from a local editor: what it would change. */
  upload?: Omit<IdeOffer, 'operationId' | 'zip'>
  by: string
  at: number
}

/** A comment on lines of a session's changes, or an answer to one. */
export interface CommentRow {
  commentId: string
  sessionId: string
  /** User id. */
  author: string
  at: number
  text: string
  edited?: boolean
  place?: CommentPlace
  /** The comment that began the thread. */
  replyTo?: string
  /** The message that took it to the agent. */
  messageId?: string
  /** Who resolved the thread that it began (user id). */
  resolvedBy?: string
}

/** A run of a workspace task, or a terminal, in a session's worktree. */
export interface ProcessRow {
  runId: string
  sessionId: string
  what: 'task' | 'terminal'
  name: string
  /** Of a task; else empty. */
  taskId: string
  kind?: TaskKind
  /** The five statuses of a task (TR-4). */
  status: 'pending' | 'running' | 'completed' | 'failed' | 'canceled'
  stopping: boolean
  command?: string
  /** The session's own ports: the first one, and how many. */
  ports?: { first: number; count: number }
  /** The workspace's stream that has its output. */
  stream?: string
  bytes?: number
  exitCode?: number | null
  message?: string
  durationMs?: number
  by: string
  at: number
  startedAt?: number
  endedAt?: number
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
] as const satisfies readonly TableName[]

/** Tables whose rows are asked for by session, in order; storage keeps an index for that. Others are small and read whole. */
export const BY_SESSION = [
  'items',
  'checkpoints',
  'operations',
  'comments',
  'processes',
] as const satisfies readonly TableName[]

/**
 * Version of the row shapes, of what projectors write, and of the words that are made of texts for searching. Raise it with
 * any change to these: replicas then rebuild their rows from the events they hold, off line too.
 */
export const PROJECTION_VERSION = 6

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
