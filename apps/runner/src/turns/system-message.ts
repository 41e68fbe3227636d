import type { ObservationData } from '@coppice/events'
import { derivedId } from '../derived-id.ts'

/** What Coppice itself has to say in a turn (M-16). `step` makes its id: the same one again is the same message. */
export function systemMessage(
  turnId: string,
  seed: string,
  text: string,
  step: string,
): ObservationData<'message.added'> {
  const messageId = derivedId(seed, 'system', step)
  return { messageId, turnId, kind: 'system', source: 'coppice', text, completeness: 'whole' }
}
