import { LIMITS } from '../limits.ts'
import { refuse, type Refusal } from '../refusal.ts'
import { answersOf } from './action-vocabulary.ts'
import type { SessionCommand } from './commands.ts'
import type { SessionEvent } from './events.ts'
import type { SessionState } from './state.ts'

type Answer = Extract<SessionCommand, { type: 'action.answer' }>['data']

/**
 * The first answer counts. An agent that waits gets it as the result of its call; of a question that nobody waits for any
 * more it is told by a message.
 */
export function answerAction(data: Answer, state: SessionState): readonly SessionEvent[] | Refusal {
  const { actionId, answer, message } = data
  const open = state.actions.find((one) => one.actionId === actionId)
  if (!open) {
    const how = state.settled.find((one) => one.approvalId === actionId)?.how
    return refuse(
      'action_settled',
      `This no longer waits for you${how ? `: ${how}` : ''}. Nothing was done with yours.`,
    )
  }
  if (!answersOf[open.kind].includes(answer.kind))
    return refuse('invalid', `A ${open.kind.replace('_', ' ')} cannot be "${answer.kind}".`)
  if (answer.kind === 'answered' && answer.options.length === 0 && (answer.other ?? '').trim() === '')
    return refuse('invalid', 'Choose an answer, or write one.')
  const waits = open.waits && state.turn?.turnId === open.turnId && state.turn.stop === 'none'
  if (waits) return [{ type: 'action.answered', data: { actionId, answer, delivery: 'waiting' } }]
  if (answer.kind !== 'answered') return [{ type: 'action.answered', data: { actionId, answer, delivery: 'none' } }]
  if (!message)
    return refuse('invalid', 'The agent no longer waits for this answer, so it needs a message that tells it.')
  if (state.queue.some((one) => one.messageId === message.messageId))
    return refuse('already_exists', 'This message is already queued.')
  if (state.queue.length >= LIMITS.queuedMessages)
    return refuse('queue_full', `${LIMITS.queuedMessages} messages are waiting already. Remove one, then answer.`)
  return [
    { type: 'action.answered', data: { actionId, answer, delivery: 'message' } },
    { type: 'message.queued', data: message },
  ]
}
