import { isRefusal, parseObservation } from '@coppice/events'
import type { DraftEvent, Refusal } from '@coppice/events'
import type { Redaction } from '../agents/redaction.ts'

/** A word of the protocol's own: the name of a kind, a state or a field. */
const ownWord = /^[a-z][A-Za-z_]{0,39}$/

/**
 * An observation without secrets, checked: the server would refuse a wrong one anyway, here the mistake is still near its cause.
 *
 * Where a secret is a word that the event is made of ("completed"), that word stays: an event that cannot be told would leave
 * its session waiting for ever, and the word is in the protocol, not in the secret.
 */
export function cleanObservation(redaction: Redaction, event: DraftEvent): DraftEvent | Refusal {
  const wanted = { ...event, data: redaction.data(event.data) }
  const refused = problemOf(wanted)
  if (!refused) return wanted
  const readable = { ...event, data: redaction.data(event.data, (text) => ownWord.test(text)) }
  return problemOf(readable) ? refused : readable
}

function problemOf(event: DraftEvent): Refusal | undefined {
  const checked = parseObservation({ ...event, producer: { id: 'check', epoch: 0, seq: 0 } })
  return isRefusal(checked) ? checked : undefined
}

/** What the journal says of an observation. */
export function journalLine({ id, type, log, stream, correlationId, causationId, data }: DraftEvent) {
  const { toolId, turnId, durationMs } = data
  return {
    what: 'observed' as const,
    correlationId,
    causationId,
    eventId: id,
    type,
    log,
    stream,
    ...(typeof toolId === 'string' && { toolId }),
    ...(typeof turnId === 'string' && { turnId }),
    ...(typeof durationMs === 'number' && { ms: durationMs }),
  }
}
