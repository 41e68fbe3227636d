import { spend } from '../budget.ts'
import { type EventMeta } from '../decider.ts'
import { LIMITS } from '../limits.ts'
import { afterTurn, evolveActions } from './action-state.ts'
import { afterBudgetSet, afterHeld, afterMeasured, withoutHold } from './budget.ts'
import { evolveComments } from './comment-state.ts'
import { evolveControl } from './control-state.ts'
import type { SessionEvent } from './events.ts'
import { withUpload } from './ide-vocabulary.ts'
import { hooksOfState } from './hook-state.ts'
import { evolveProcesses } from './process-state.ts'
import { settle, withdrawnBecause } from './settled.ts'
import { setupAfter } from './setup.ts'
import { initialSession, isTerminal, type RunningTurn, type SessionState } from './state.ts'
import { withToggle } from './toggles.ts'

/** Folds one event into the state. Facts may come in any order; none may throw. */
export function evolveSession(state: SessionState, event: SessionEvent, meta: EventMeta): SessionState {
  const next = evolveRest(state, event, meta)
  const hooks = hooksOfState(state, event, meta)
  if (hooks === next.hooks) return next
  const { hooks: _before, ...rest } = next
  return hooks ? { ...rest, hooks } : rest
}

function evolveRest(state: SessionState, event: SessionEvent, meta: EventMeta): SessionState {
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
    case 'message.queued': {
      const { messageId, hook } = event.data
      const message = { messageId, author: meta.actor.id, ...(hook && { hook: true as const }) }
      // A hook lets nothing go on that a person holds.
      return { ...state, held: hook ? state.held : 'none', queue: [...state.queue, message] }
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
    case 'hooks.begun':
    case 'hook.started':
    case 'hook.cancelRequested':
    case 'hook.ended':
    case 'hooks.finished':
      return state
    case 'session.reopened':
      return { ...state, ending: 'none' }
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
