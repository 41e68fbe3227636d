import type { AgentTrouble, Attachment, ToolFamily, TurnOutcome, Usage } from '../session/vocabulary.ts'
import type { IdeOffer } from '../session/ide-vocabulary.ts'
import type { GitOperation } from '../session/worktree-operations.ts'
import type { CommentPlace } from '../session/comment-vocabulary.ts'
import type { Action, ActionAnswer } from '../session/action-vocabulary.ts'
import type { Budget, BudgetScope } from '../budget.ts'
import type { HookEvent } from '../workspace/hooks.ts'
import type { TaskKind } from '../workspace/tasks.ts'

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
  /** hook_failure: the run that failed. */
  hookRunId?: string
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

/** One hook of a round: the four statuses of H-25. */
export interface HookRunOfRow {
  runId: string
  hookId: string
  name: string
  status: 'pending' | 'running' | 'completed' | 'failed'
  /** Why it failed. */
  reason?: 'exit' | 'timeout' | 'canceled' | 'not_run' | 'could_not_start'
  canceling?: boolean
  /** The attempt that runs or ran last, from 1, and how many there may be. */
  attempt: number
  attempts: number
  command?: string
  /** The workspace's stream that has its output. */
  stream?: string
  bytes?: number
  exitCode?: number | null
  message?: string
  durationMs?: number
  startedAt?: number
  endedAt?: number
}

/** The hooks that one happening in a session made run. */
export interface HookRoundRow {
  roundId: string
  sessionId: string
  event: HookEvent
  /** The turn that began or ended; else empty. */
  turnId: string
  /** What they looked at, as git names it. */
  tree: string
  open: boolean
  at: number
  endedAt?: number
  runs: HookRunOfRow[]
  skipped: { hookId: string; name: string; why: string }[]
}
