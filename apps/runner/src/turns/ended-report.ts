import type { ObservationData } from '@coppice/events'
import type { Ending } from './ending.ts'
import { cutEnd } from './tool-text.ts'
import type { TurnParts } from './turn-parts.ts'

type Ended = ObservationData<'turn.ended'>
const mostChars = 8_000

/** How a turn ended, for the log: nothing secret in its words. */
export function endedReport(
  { turnId, messageIds, context }: Pick<TurnParts, 'turnId' | 'messageIds' | 'context'>,
  { outcome, message, trouble }: Ending,
): Pick<Ended, 'turnId' | 'messageIds' | 'outcome' | 'message' | 'trouble'> {
  return {
    turnId,
    messageIds: [...messageIds],
    outcome,
    ...(message && { message: cutEnd(context.redaction.text(message), mostChars) }),
    ...(trouble && { trouble }),
  }
}
