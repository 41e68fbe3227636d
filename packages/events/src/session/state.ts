import { nothingSpent, spend, type Budget, type BudgetScope, type Spent } from '../budget.ts'
import { type EventMeta } from '../decider.ts'
import { LIMITS } from '../limits.ts'
import type { SessionConflict } from './conflicts.ts'
import { afterBudgetSet, afterHeld, afterMeasured, withoutHold } from './budget.ts'
import { afterTurn, evolveActions, type OpenAction } from './action-state.ts'
import { evolveControl, type ControlState } from './control-state.ts'
import { evolveComments, type KnownComment } from './comment-state.ts'
import type { SessionEvent } from './events.ts'
import { settle, withdrawnBecause } from './settled.ts'
import { withUpload, type WaitingUpload } from './ide-vocabulary.ts'
import type { Lease } from './lease.ts'
import { evolveProcesses, type RunningProcess } from './process-state.ts'
import { withToggle, type Toggle } from './toggles.ts'
import type { Fork, PermissionRule, Rewound, SessionMode, SessionStatus, StepMode } from './vocabulary.ts'
import { setupAfter, type Setup } from './setup.ts'
import type { GitOperation } from './worktree-operations.ts'

/** Its text and files are in its event and its row: the state goes with the header of every session, and stays small. */
export interface QueuedMessage {
  readonly messageId: string
  /** User id of its author: only the author edits or removes it. */
  readonly author: string
  /** It is to be said into the running turn. */
  readonly steering?: boolean
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

/** Folds one event into the state. Facts may come in any order; none may throw. */
export function evolveSession(state: SessionState, event: SessionEvent, meta: EventMeta): SessionState {
  switch (event.type) {
    case 'session.created':
      return {
        ...initialSession,
        ...event.data,
        toggles: event.data.toggles ?? [],
        autoAfterFirst: event.data.autoAfterFirst ?? false,
        planMode: event.data.planMode ?? false,
        exists: true,
      }
    case 'session.renamed':
      return { ...state, name: event.data.name, namedBy: event.data.namedBy }
    case 'session.stepModeSet':
      return { ...state, stepMode: event.data.stepMode, autoAfterFirst: false }
    case 'session.ruleAdded':
    case 'session.ruleRemoved':
    case 'session.strictSet':
    case 'session.planModeSet':
      return { ...state, ...evolveControl(state, event) }
    case 'session.toggleSet':
      return { ...state, toggles: withToggle(state.toggles, event.data.toggle, event.data.on) }
    case 'turn.instructed':
      return { ...state, instructions: event.data.sha256 }
    case 'session.providerSet':
      return { ...state, provider: event.data.provider, model: event.data.model }
    case 'session.budgetSet':
      return afterBudgetSet(state, event.data.budget)
    case 'usage.measured':
      return afterMeasured(state, event.data)
    case 'budget.held':
      return afterHeld(state, event.data)
    case 'budget.freed':
      return withoutHold(state, event.data.holdId)
    case 'session.endRequested':
      return { ...state, ending: event.data.outcome, queue: [] }
    case 'session.ended':
      return {
        ...withoutHold(state, undefined),
        status: event.data.outcome,
        ending: 'none',
        turn: undefined,
        approvals: [],
        actions: [],
        unheard: [],
        operations: [],
        ...(state.processes && { processes: [] }),
        ...(state.uploads && { uploads: [] }),
        rewind: undefined,
        held: 'none',
      }
    case 'session.restoreRequested':
      return { ...state, worktree: 'restoring' }
    case 'message.queued':
      return {
        ...state,
        held: 'none',
        queue: [...state.queue, { messageId: event.data.messageId, author: meta.actor.id }],
      }
    case 'message.edited':
      return state
    case 'message.removed':
      return { ...state, queue: state.queue.filter((message) => message.messageId !== event.data.messageId) }
    case 'message.reordered': {
      const place = new Map(event.data.messageIds.map((id, index) => [id, index]))
      const at = (id: string): number => place.get(id) ?? place.size
      return { ...state, queue: state.queue.toSorted((a, b) => at(a.messageId) - at(b.messageId)) }
    }
    case 'message.steerRequested':
    case 'message.notSteered': {
      const { messageId } = event.data
      const steering = event.type === 'message.steerRequested'
      return { ...state, queue: state.queue.map((one) => (one.messageId === messageId ? { ...one, steering } : one)) }
    }
    case 'message.steered':
      return { ...state, queue: state.queue.filter((message) => message.messageId !== event.data.messageId) }
    case 'message.struck':
      return {
        ...state,
        delivered: state.delivered.filter((message) => message.messageId !== event.data.messageId),
        conversation: state.conversation + 1,
      }
    case 'session.contextReset':
      return { ...state, conversation: state.conversation + 1 }
    case 'session.rewindRequested':
      return { ...state, rewind: event.data }
    case 'session.rewound':
      return rewound(state, event.data)
    case 'session.rewindFailed':
      if (state.rewind?.rewindId !== event.data.rewindId) return state
      return { ...state, rewind: undefined, held: state.queue.length > 0 ? 'failed' : state.held }
    case 'queue.released':
      return { ...state, held: 'none' }
    case 'turn.started':
      return {
        ...state,
        status: 'in_progress',
        queue: state.queue.filter((message) => !event.data.messageIds.includes(message.messageId)),
        turn: { ...event.data, startedAt: meta.at, stop: 'none', ...(state.lease && { lease: state.lease.epoch }) },
        turnCount: state.turnCount + 1,
        delivered: [
          ...state.delivered,
          ...state.queue
            .filter((message) => event.data.messageIds.includes(message.messageId))
            .map(({ messageId, author }) => ({ messageId, author, turnId: event.data.turnId })),
        ].slice(-LIMITS.deliveredMessages),
      }
    case 'turn.stopRequested':
      return withTurn(state, event.data.turnId, (turn) => ({
        ...turn,
        stop: turn.stop === 'none' ? 'requested' : turn.stop,
      }))
    case 'turn.stopAcknowledged':
      return withTurn(state, event.data.turnId, (turn) => ({ ...turn, stop: 'acknowledged' }))
    case 'turn.resumed':
      return withTurn(state, event.data.turnId, (turn) => ({
        ...turn,
        runId: event.data.runId,
        resumed: (turn.resumed ?? 0) + 1,
      }))
    case 'turn.ended': {
      if (state.turn?.turnId !== event.data.turnId) return state
      const { outcome, usage, usageMeasured } = event.data
      return {
        ...withoutHold(state, undefined),
        ...(usage && !usageMeasured && { spent: spend(state.spent, usage) }),
        status: isTerminal(state) ? state.status : 'waiting',
        ...(state.autoAfterFirst && outcome === 'completed' && { stepMode: 'auto' as const, autoAfterFirst: false }),
        turn: undefined,
        approvals: [],
        actions: afterTurn(state.actions, event.data.turnId),
        queue: state.queue.some((message) => message.steering)
          ? state.queue.map((message) => ({ ...message, steering: false }))
          : state.queue,
        held:
          outcome === 'completed'
            ? state.held
            : outcome === 'stopped'
              ? 'stopped'
              : outcome === 'aborted_by_restart'
                ? 'aborted'
                : 'failed',
      }
    }
    case 'approval.requested': {
      const { approvalId, toolId, turnId, rule } = event.data
      return {
        ...state,
        approvals: [
          ...state.approvals.filter((one) => one.approvalId !== approvalId),
          { approvalId, toolId, turnId, rule },
        ],
      }
    }
    case 'approval.answered':
      return {
        ...settle(
          state,
          event.data.approvalId,
          `${event.data.decision === 'reject' ? 'rejected' : 'allowed'} by ${meta.actor.id}`,
        ),
        rules: event.data.rule
          ? [...state.rules, { ...event.data.rule, ruleId: event.data.approvalId }].slice(-LIMITS.sessionRules)
          : state.rules,
      }
    case 'action.answered': {
      const how = `${event.data.answer.kind === 'dismissed' ? 'dismissed' : 'answered'} by ${meta.actor.id}`
      return { ...settle(state, event.data.actionId, how), ...evolveActions(state, event) }
    }
    case 'action.offered':
    case 'action.detached':
    case 'action.taken':
      return { ...state, ...evolveActions(state, event) }
    case 'approval.withdrawn':
      return settle(state, event.data.approvalId, withdrawnBecause[event.data.reason])
    case 'worktree.ready':
      return {
        ...state,
        worktree: 'ready',
        branch: event.data.branch,
        baseCommit: event.data.baseCommit,
        path: event.data.path,
      }
    case 'worktree.failed':
      return { ...state, worktree: 'failed' }
    case 'worktree.archived':
      return { ...state, worktree: 'archived' }
    case 'worktree.removed':
      return { ...state, worktree: 'removed' }
    case 'worktree.kept':
      return { ...state, worktree: 'archived' }
    case 'worktree.restored':
      return { ...state, worktree: 'ready', path: event.data.path, status: 'waiting' }
    case 'checkpoint.created':
      return { ...state, lastCheckpointId: event.data.checkpointId, lastCheckpointCommit: event.data.commit }
    case 'setup.found':
    case 'setup.started':
    case 'setup.ended': {
      const setup = setupAfter(event, state.setup)
      return setup ? { ...state, setup } : state
    }
    case 'conflicts.found':
      return { ...state, conflicts: event.data.with }
    case 'checkpoint.stored':
      return { ...state, stored: event.data }
    case 'session.takenOver':
      return { ...state, lease: { runnerId: event.data.runnerId, epoch: event.data.epoch } }
    case 'process.requested':
    case 'process.stopRequested':
    case 'process.started':
    case 'process.ended':
      return { ...state, processes: evolveProcesses(state.processes ?? [], event) }
    case 'ide.offered': {
      const { operationId, zip } = event.data
      const upload = { operationId, sha256: zip.sha256, by: meta.actor.id }
      return { ...state, uploads: withUpload(state.uploads ?? [], upload) }
    }
    case 'git.requested':
      return {
        ...state,
        ...withoutUpload(state, event.data.operationId),
        operations: [...state.operations, { ...event.data, started: false, by: meta.actor.id }],
      }
    case 'git.started':
      return {
        ...state,
        operations: state.operations.map((one) =>
          one.operationId === event.data.operationId ? { ...one, started: true } : one,
        ),
      }
    case 'git.completed':
    case 'git.failed':
    case 'git.canceled':
      return {
        ...state,
        ...withoutUpload(state, event.data.operationId),
        operations: state.operations.filter((one) => one.operationId !== event.data.operationId),
      }
    case 'comment.added':
    case 'comment.edited':
    case 'comment.removed':
    case 'comment.resolved':
    case 'comments.sent':
      return { ...state, comments: evolveComments(state.comments ?? [], event, meta) }
    case 'budget.warned':
    case 'message.added':
    case 'tool.started':
    case 'tool.permitted':
    case 'tool.finished':
    case 'plan.updated':
    case 'agent.exited':
    case 'run.orphaned':
    case 'agent.stale':
    case 'agent.noted':
      return state
  }
}

/** What was delivered after the message is no longer part of the conversation; a replacement may go out now. */
function rewound(state: SessionState, data: Extract<SessionEvent, { type: 'session.rewound' }>['data']): SessionState {
  const at = state.delivered.findIndex((message) => message.messageId === data.messageId)
  const forgets = data.restore !== 'code'
  return {
    ...state,
    rewind: undefined,
    ...(data.closedActions && {
      actions: state.actions.filter((one) => !data.closedActions?.includes(one.actionId)),
    }),
    held: data.replacedBy === undefined && state.queue.length > 0 ? 'stopped' : 'none',
    ...(forgets && { conversation: state.conversation + 1 }),
    ...(forgets && at >= 0 && { delivered: state.delivered.slice(0, at) }),
  }
}

const withoutUpload = ({ uploads }: SessionState, operationId: string): Partial<SessionState> =>
  uploads ? { uploads: uploads.filter((one) => one.operationId !== operationId) } : {}

function withTurn(state: SessionState, turnId: string, change: (turn: RunningTurn) => RunningTurn): SessionState {
  return state.turn?.turnId === turnId ? { ...state, turn: change(state.turn) } : state
}
