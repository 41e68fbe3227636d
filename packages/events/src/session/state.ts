import { nothingSpent, type Budget, type BudgetScope, type Spent } from '../budget.ts'
import type { OpenAction } from './action-state.ts'
import type { KnownComment } from './comment-state.ts'
import type { SessionConflict } from './conflicts.ts'
import type { ControlState } from './control-state.ts'
import type { SessionEvent } from './events.ts'
import type { SessionHooks } from './hook-state.ts'
import type { WaitingUpload } from './ide-vocabulary.ts'
import type { Lease } from './lease.ts'
import type { RunningProcess } from './process-state.ts'
import type { Setup } from './setup.ts'
import type { Toggle } from './toggles.ts'
import type { Fork, PermissionRule, Rewound, SessionMode, SessionStatus, StepMode } from './vocabulary.ts'
import type { GitOperation } from './worktree-operations.ts'

/** Its text and files are in its event and its row: the state goes with the header of every session, and stays small. */
export interface QueuedMessage {
  readonly messageId: string
  /** User id of its author: only the author edits or removes it. */
  readonly author: string
  /** It is to be said into the running turn. */
  readonly steering?: boolean
  /** A hook wrote it. */
  readonly hook?: true
}

export interface RunningTurn {
  readonly turnId: string
  readonly runId: string
  readonly messageIds: readonly string[]
  readonly startedAt: number
  /** Stop requested, and acknowledged by the agent, are told apart (BE-3). */
  readonly stop: 'none' | 'requested' | 'acknowledged'
  /** How often it went on in another process. */
  readonly resumed?: number
  /** The change of hands under which it began; absent where there was none. */
  readonly lease?: number
}

export interface PendingApproval {
  readonly approvalId: string
  readonly toolId: string
  readonly turnId: string
  readonly rule: PermissionRule
}

export interface WaitingOperation {
  readonly operationId: string
  readonly operation: GitOperation
  readonly started: boolean
  readonly by: string
}

/** A message that the agent was given. */
export interface DeliveredMessage {
  readonly messageId: string
  readonly turnId: string
  readonly author: string
}

export interface RequestedRewind {
  readonly rewindId: string
  readonly messageId: string
  readonly turnId: string
  readonly restore: Rewound
  readonly replacedBy?: string | undefined
}

/** What the session's decider and its runner need to know. Bounded: no history in it. */
export interface SessionState extends ControlState {
  readonly exists: boolean
  readonly sessionId: string
  readonly workspaceId: string
  readonly name: string
  readonly namedBy: 'user' | 'auto'
  readonly mode: SessionMode
  readonly provider: string
  readonly model: string
  readonly baseBranch: string
  readonly stepMode: StepMode
  readonly fork?: Fork | undefined
  readonly botId?: string | undefined
  /** Sessions of one group begin at one commit. */
  readonly groupId?: string | undefined
  readonly toggles: readonly Toggle[]
  /** SHA-256 of what the agent was last told beside messages, or empty. */
  readonly instructions: string
  readonly status: SessionStatus
  /** Set between the request to end and its completion by the runner. */
  readonly ending: 'none' | 'done' | 'canceled'
  readonly worktree: 'preparing' | 'ready' | 'failed' | 'archived' | 'removed' | 'restoring'
  readonly branch: string
  readonly baseCommit: string
  readonly path: string
  readonly queue: readonly QueuedMessage[]
  /** The newest of those that were delivered and not rewound or struck since, oldest first. */
  readonly delivered: readonly DeliveredMessage[]
  /** How often the agent's conversation was to begin anew: with each turn the runner compares. */
  readonly conversation: number
  /** Asked for and not done yet. */
  readonly rewind: RequestedRewind | undefined
  /** Why the queue is not delivered by itself, if so. */
  readonly held: 'none' | 'stopped' | 'failed' | 'aborted'
  readonly turn: RunningTurn | undefined
  readonly approvals: readonly PendingApproval[]
  readonly settled: readonly { readonly approvalId: string; readonly how: string }[]
  /** Auto begins when the first turn has ended well. */
  readonly autoAfterFirst: boolean
  /** Questions, plans and tickets that wait for people. */
  readonly actions: readonly OpenAction[]
  /** Actions whose answer may not have reached the agent. */
  readonly unheard: readonly string[]
  readonly operations: readonly WaitingOperation[]
  /** From local editors, not confirmed yet; absent until there was one. */
  readonly uploads?: readonly WaitingUpload[]
  /** Tasks and terminals; absent until there was one. */
  readonly processes?: readonly RunningProcess[]
  readonly lastCheckpointId: string
  readonly lastCheckpointCommit: string
  readonly turnCount: number
  /** By all turns so far. */
  readonly spent: Spent
  readonly budget?: Budget
  /** A budget is used up, and nothing goes on until it is raised. */
  readonly hold?: { readonly holdId: string; readonly scope: BudgetScope }
  readonly lease?: Lease
  /** On lines of its changes; absent until there was one. */
  readonly comments?: readonly KnownComment[]
  /** Absent until there was one. */
  readonly conflicts?: readonly SessionConflict[]
  /** Absent until something happened that hooks can wait for. */
  readonly hooks?: SessionHooks
  /** Absent where the repository brings no script. */
  readonly setup?: Setup
  /** The newest checkpoint that another runner could go on from. */
  readonly stored?: Extract<SessionEvent, { type: 'checkpoint.stored' }>['data']
}

export const initialSession: SessionState = {
  exists: false,
  sessionId: '',
  workspaceId: '',
  name: '',
  namedBy: 'auto',
  mode: 'chat',
  provider: '',
  model: '',
  baseBranch: '',
  stepMode: 'manual',
  toggles: [],
  instructions: '',
  status: 'waiting',
  ending: 'none',
  worktree: 'preparing',
  branch: '',
  baseCommit: '',
  path: '',
  queue: [],
  delivered: [],
  conversation: 0,
  rewind: undefined,
  held: 'none',
  turn: undefined,
  approvals: [],
  settled: [],
  rules: [],
  strict: false,
  planMode: false,
  autoAfterFirst: false,
  actions: [],
  unheard: [],
  operations: [],
  lastCheckpointId: '',
  lastCheckpointCommit: '',
  turnCount: 0,
  spent: nothingSpent,
}

export const isTerminal = (state: SessionState): boolean => state.status === 'done' || state.status === 'canceled'
