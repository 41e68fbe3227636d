import { answerMessage, newId, type ActionAnswer, type ItemRow } from '@coppice/events'
import type { Replica } from '@coppice/replica'
import { sendToSession } from '../sync/commands.ts'

/** Answers what an agent put before people. A question's answer also says how the agent is told where it waits no longer. */
export function answerAction(replica: Replica, item: ItemRow, answer: ActionAnswer): Promise<boolean> {
  const { action } = item.detail
  const told =
    action?.kind === 'ask_question' && answer.kind === 'answered'
      ? { message: { messageId: newId(), text: answerMessage(action, answer) } }
      : {}
  return sendToSession(replica, item, 'action.answer', { actionId: item.itemId, answer, ...told })
}
