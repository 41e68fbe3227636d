import type { ObservationData } from '@coppice/events'
import { derivedId } from '../derived-id.ts'
import { manySteps, type Digest } from './digest.ts'

type Message = ObservationData<'message.added'>

/** A digest as a message of the conversation (M-10). `of` makes its id: the same one again is the same message. */
export function summaryMessage(text: string, of: readonly string[], turnId?: string): Message {
  const messageId = derivedId(...of, 'summary')
  return { messageId, kind: 'summary', source: 'coppice', text, completeness: 'whole', ...(turnId && { turnId }) }
}

/** What a turn of many steps came to; of a short one nothing. */
export function turnDigest(digest: Digest, seed: string, turnId: string): Message | undefined {
  return digest.steps > manySteps ? summaryMessage(digest.words('This turn'), [seed], turnId) : undefined
}
