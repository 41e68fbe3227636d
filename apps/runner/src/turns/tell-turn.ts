import type { ActionAnswer, ApprovalDecision, RecordedEvent } from '@coppice/events'
import type { Turn } from './turn.ts'

/** Tells a running turn what people decided, as the log has it. */
export function tellTurn(turn: Turn, { type, data }: RecordedEvent): void {
  switch (type) {
    case 'approval.answered':
      turn.answered(
        String(data['approvalId']),
        data['decision'] as ApprovalDecision,
        typeof data['reason'] === 'string' ? data['reason'] : undefined,
      )
      break
    case 'approval.withdrawn':
      turn.withdrawn(String(data['approvalId']))
      break
    case 'action.answered':
      turn.actionAnswered(String(data['actionId']), data['answer'] as ActionAnswer)
      break
    case 'session.stepModeSet':
      turn.modeChanged()
      break
  }
}
