import { unreachable, type DecideContext } from '../decider.ts'
import { LIMITS } from '../limits.ts'
import { refuse, type Refusal } from '../refusal.ts'
import { budgetRefusal, decideBudget } from './budget.ts'
import { answerAction } from './action-decide.ts'
import type { SessionCommand } from './commands.ts'
import { decideComments, isComment } from './comment-decide.ts'
import type { SessionEvent } from './events.ts'
import { takeOver } from './lease.ts'
import { isTerminal, type SessionState } from './state.ts'
import { decideControl, isControl } from './control-decide.ts'
import { decideHook, isHookCommand, type HookCommand } from './hook-state.ts'
import { decideProcess } from './process-state.ts'
import { applyRefusal, ideRefusal, offerUpload } from './ide-vocabulary.ts'
import { isIdeOperation } from './worktree-operations.ts'
import { inOrder } from './toggles.ts'

type Decision = readonly SessionEvent[] | Refusal

/** Decides a command on a session. Who may send it at all is settled before (roles); what makes sense is settled here. */
export function decideSession(command: SessionCommand, state: SessionState, context: DecideContext): Decision {
  if (command.type === 'session.create') return create(command.data, state)
  if (!state.exists)
    return refuse('not_found', 'There is no such session. It may have been made on a device that has not synced yet.')
  if (command.type === 'session.restore') return restore(state)
  if (command.type === 'session.takeOver') return takeOver(command.data, state)
  if (command.type === 'session.rename') {
    return command.data.name === state.name
      ? []
      : [{ type: 'session.renamed', data: { name: command.data.name, namedBy: 'user' } }]
  }
  if (isTerminal(state)) {
    return refuse('wrong_state', `The session is ${state.status === 'done' ? 'done' : 'canceled'}. Restore it first.`)
  }
  if (isHookCommand(command)) return decideHook(command, state)
  if (state.ending !== 'none') {
    return refuse('wrong_state', 'The session is being ended. Wait for it, then restore it to go on.')
  }
  return decideOpen(command, state, context)
}

type OpenCommand = Exclude<
  SessionCommand,
  { type: 'session.create' | 'session.restore' | 'session.rename' | 'session.takeOver' | HookCommand['type'] }
>

function decideOpen(command: OpenCommand, state: SessionState, context: DecideContext): Decision {
  if (isControl(command)) return decideControl(command, state)
  if (isComment(command))
    return decideComments(command, state.comments ?? [], context, (message) => send(message, state))
  switch (command.type) {
    case 'session.setStepMode':
      return command.data.stepMode === state.stepMode && !state.autoAfterFirst
        ? []
        : [{ type: 'session.stepModeSet', data: command.data }]
    case 'session.setToggle': {
      const { toggle, on } = command.data
      return state.toggles.includes(toggle) === on ? [] : [{ type: 'session.toggleSet', data: command.data }]
    }
    case 'session.setProvider': {
      const { provider, model } = command.data
      if (provider === state.provider && model === state.model) return []
      return state.turn
        ? refuse('wrong_state', 'The agent is working. Stop it first, or wait for the end of its turn.')
        : [{ type: 'session.providerSet', data: command.data }]
    }
    case 'session.setBudget':
      return decideBudget(state, command.data.budget)
    case 'session.end':
      return [
        {
          type: 'session.endRequested',
          data: { outcome: command.data.outcome, canceledMessageIds: state.queue.map((message) => message.messageId) },
        },
      ]
    case 'message.send':
      return send(command.data, state)
    case 'message.edit':
      return queued(command.data.messageId, state, context) ?? [{ type: 'message.edited', data: command.data }]
    case 'message.remove':
      return remove(command.data.messageId, state, context)
    case 'message.steer':
      return steer(command.data.messageId, state, context)
    case 'session.rewind':
      return rewind(command.data, state, context)
    case 'session.resetContext':
      return state.turn
        ? refuse('wrong_state', 'The agent is working. Stop it first, or wait for the end of its turn.')
        : [{ type: 'session.contextReset', data: command.data }]
    case 'message.reorder':
      return reorder(command.data.messageIds, state)
    case 'queue.release':
      // Without a worktree nothing is held, but everything waits: then it asks for another try at making one.
      return state.held === 'none' && state.worktree !== 'failed' ? [] : [{ type: 'queue.released', data: {} }]
    case 'turn.stop':
      if (state.turn?.turnId !== command.data.turnId) return refuse('wrong_state', 'That turn has already ended.')
      return state.turn.stop === 'none' ? [{ type: 'turn.stopRequested', data: command.data }] : []
    case 'turn.start':
      return startTurn(command.data, state)
    case 'approval.answer':
      return answer(command.data, state)
    case 'action.answer':
      return answerAction(command.data, state)
    case 'task.start':
    case 'terminal.open':
    case 'process.stop':
      return decideProcess(command, state)
    case 'ide.offer':
      return offerUpload(command.data, state)
    case 'git.request':
      return requestGit(command.data, state, context)
    case 'git.cancel': {
      if (state.uploads?.some((one) => one.operationId === command.data.operationId))
        return [{ type: 'git.canceled', data: command.data }]
      const operation = state.operations.find((one) => one.operationId === command.data.operationId)
      if (!operation) return refuse('operation_settled', 'That git operation has already ended.')
      if (operation.started)
        return refuse('operation_settled', 'That git operation is already running and cannot be taken back.')
      return [{ type: 'git.canceled', data: command.data }]
    }
    default:
      return unreachable(command)
  }
}

function create(data: Extract<SessionCommand, { type: 'session.create' }>['data'], state: SessionState): Decision {
  if (state.exists) return refuse('already_exists', 'A session with this id exists already.')
  if ((data.mode === 'bot') !== (data.botId !== undefined))
    return refuse('invalid', 'A Bot session names its bot, and no other session names one.')
  const { message, name, toggles, ...rest } = data
  const events: SessionEvent[] = [
    {
      type: 'session.created',
      data: {
        ...rest,
        ...(toggles && { toggles: inOrder(toggles) }),
        name: name ?? (message ? nameFromText(message.text) : 'New session'),
        namedBy: name ? 'user' : 'auto',
      },
    },
  ]
  if (message) events.push({ type: 'message.queued', data: message })
  return events
}

function send(data: { messageId: string; text: string }, state: SessionState): Decision {
  if (state.queue.some((message) => message.messageId === data.messageId)) {
    return refuse('already_exists', 'This message is already queued.')
  }
  if (state.queue.length >= LIMITS.queuedMessages) {
    return refuse(
      'queue_full',
      `${LIMITS.queuedMessages} messages are waiting already. Remove one, or wait for the agent.`,
    )
  }
  const events: SessionEvent[] = [{ type: 'message.queued', data }]
  if (state.namedBy === 'auto' && state.turnCount === 0 && state.queue.length === 0 && state.name === 'New session') {
    events.push({ type: 'session.renamed', data: { name: nameFromText(data.text), namedBy: 'auto' } })
  }
  return events
}

/** A refusal if the message cannot be changed any more by this actor; undefined if it can. */
function queued(messageId: string, state: SessionState, context: DecideContext): Refusal | undefined {
  const message = state.queue.find((one) => one.messageId === messageId)
  if (!message) return refuse('message_delivered', 'The message is no longer queued: it was delivered or removed.')
  if (message.author !== context.actor.id && !message.hook)
    return refuse('forbidden', 'Only its author can change a queued message.')
  return undefined
}

/** A queued message goes; a delivered one is struck. Only its author does either. */
function remove(messageId: string, state: SessionState, context: DecideContext): Decision {
  const delivered = state.delivered.find((one) => one.messageId === messageId)
  if (delivered === undefined)
    return queued(messageId, state, context) ?? [{ type: 'message.removed', data: { messageId } }]
  if (delivered.author !== context.actor.id) return refuse('forbidden', 'Only its author can delete a message.')
  if (state.turn?.turnId === delivered.turnId)
    return refuse('wrong_state', 'The agent is working on this message. Stop it first.')
  return [{ type: 'message.struck', data: { messageId } }]
}

function steer(messageId: string, state: SessionState, context: DecideContext): Decision {
  const refusal = queued(messageId, state, context)
  if (refusal) return refusal
  if (!state.turn || state.turn.stop !== 'none')
    return refuse('wrong_state', 'No turn is running that it could be said into; it is delivered as the next one.')
  if (state.queue.find((one) => one.messageId === messageId)?.steering) return []
  return [{ type: 'message.steerRequested', data: { messageId, turnId: state.turn.turnId } }]
}

function rewind(
  data: Extract<SessionCommand, { type: 'session.rewind' }>['data'],
  state: SessionState,
  context: DecideContext,
): Decision {
  const { replacement, ...asked } = data
  if (state.rewind) return refuse('wrong_state', 'The session is being rewound already. Wait for it.')
  if (state.worktree !== 'ready') return refuse('wrong_state', 'The session has no worktree right now.')
  const delivered = state.delivered.find((one) => one.messageId === data.messageId)
  if (!delivered)
    return state.queue.some((one) => one.messageId === data.messageId)
      ? refuse('wrong_state', 'This message still waits in the queue: edit or remove it there.')
      : refuse('not_found', 'There is no such message in the conversation any more, or it is too far back.')
  if (replacement && delivered.author !== context.actor.id)
    return refuse('forbidden', 'Only its author can edit a message. You can rewind to before it.')
  if (replacement && data.restore === 'code')
    return refuse('invalid', 'An edited message needs the conversation from before it: rewind that, too.')
  const events: SessionEvent[] = []
  if (state.turn?.stop === 'none') events.push({ type: 'turn.stopRequested', data: { turnId: state.turn.turnId } })
  events.push({
    type: 'session.rewindRequested',
    data: { ...asked, turnId: delivered.turnId, ...(replacement && { replacedBy: replacement.messageId }) },
  })
  if (!replacement) return events
  const sent = send(replacement, state)
  if ('code' in sent) return sent
  const order = [replacement.messageId, ...state.queue.map((message) => message.messageId)]
  if (order.length === 1) return [...events, ...sent]
  return [...events, ...sent, { type: 'message.reordered', data: { messageIds: order } }]
}

function reorder(messageIds: readonly string[], state: SessionState): Decision {
  const now = new Set(state.queue.map((message) => message.messageId))
  if (messageIds.length !== now.size || !messageIds.every((id) => now.has(id))) {
    return refuse('conflict', 'The queue changed meanwhile; the order was left as it is now.')
  }
  return [{ type: 'message.reordered', data: { messageIds: [...messageIds] } }]
}

function startTurn(data: { turnId: string; runId: string; messageId: string }, state: SessionState): Decision {
  if (state.turn) return refuse('wrong_state', 'A turn is running already.')
  if (state.worktree !== 'ready') return refuse('wrong_state', 'The worktree is not ready.')
  if (state.rewind) return refuse('wrong_state', 'The session is being rewound.')
  if (state.held !== 'none') return refuse('wrong_state', 'The queue is held.')
  const spent = budgetRefusal(state)
  if (spent) return spent
  if (state.queue[0]?.messageId !== data.messageId)
    return refuse('conflict', 'Another message is first in the queue now.')
  return [
    { type: 'turn.started', data: { turnId: data.turnId, runId: data.runId, messageIds: deliveredTogether(state) } },
  ]
}

/** The first message of the queue; what hooks wrote goes together, so that one turn answers for one round of them. */
function deliveredTogether({ queue }: SessionState): string[] {
  const others = queue.findIndex((message) => !message.hook)
  const together = others < 0 ? queue.length : Math.max(1, others)
  return queue.slice(0, queue[0]?.hook ? together : 1).map((message) => message.messageId)
}

/** An approval that is no longer pending never fires, and the person is told what became of it (D-5). */
function answer(
  data: { approvalId: string; decision: 'allow_once' | 'allow_session' | 'reject'; reason?: string | undefined },
  state: SessionState,
): Decision {
  const pending = state.approvals.find((one) => one.approvalId === data.approvalId)
  if (!pending) {
    const how = state.settled.find((one) => one.approvalId === data.approvalId)?.how
    return refuse(
      'approval_settled',
      `This step no longer waits for an answer${how ? `: ${how}` : ''}. Nothing was done with yours.`,
    )
  }
  if (state.turn === undefined || state.turn.turnId !== pending.turnId || state.turn.stop !== 'none') {
    return refuse('approval_settled', 'The turn that asked was stopped. Nothing was done with your answer.')
  }
  return [
    {
      type: 'approval.answered',
      data: {
        approvalId: data.approvalId,
        toolId: pending.toolId,
        decision: data.decision,
        ...(data.reason ? { reason: data.reason } : {}),
        ...(data.decision === 'allow_session' ? { rule: pending.rule } : {}),
      },
    },
  ]
}

function requestGit(
  data: Extract<SessionCommand, { type: 'git.request' }>['data'],
  state: SessionState,
  context: DecideContext,
): Decision {
  const { operation, operationId } = data
  const notIde =
    (isIdeOperation(operation.kind) ? ideRefusal(state) : undefined) ??
    (operation.kind === 'applyUpload'
      ? applyRefusal({ operationId, sha256: operation.zip.sha256 }, context.actor.id, state.uploads ?? [])
      : undefined)
  if (notIde) return notIde
  if (state.worktree !== 'ready')
    return refuse('wrong_state', 'The session has no worktree right now, so git cannot run in it.')
  if (state.operations.length >= LIMITS.waitingOperations) {
    return refuse('queue_full', `${LIMITS.waitingOperations} git operations are waiting already.`)
  }
  if (state.operations.some((one) => one.operationId === data.operationId)) {
    return refuse('already_exists', 'This git operation was asked for already.')
  }
  return [{ type: 'git.requested', data }]
}

function restore(state: SessionState): Decision {
  if (!isTerminal(state)) return refuse('wrong_state', 'Only a session that is done or canceled can be restored.')
  if (state.worktree === 'restoring') return []
  return [{ type: 'session.restoreRequested', data: {} }]
}

/** A session's first name: the first line of its first message that is not a fence, cut at 60 characters (S-22). */
export function nameFromText(text: string): string {
  const line = text
    .split('\n')
    .map((one) => one.replace(/^[#>*\-\s]+/, '').trim())
    .find((one) => one.length > 0 && !one.startsWith('```'))
  if (!line) return 'New session'
  return line.length <= 60 ? line : `${line.slice(0, 59).trimEnd()}…`
}
