import {
  canonicalText,
  eventText,
  parseEvent,
  recordedEventSchema,
  type DraftEvent,
  type RecordedEvent,
} from '@coppice/events'

/** An event at its place in a log. What a command made has its keys in canonical order: so its text is written fastest. */
export function recordedAs(
  draft: DraftEvent,
  place: Pick<RecordedEvent, 'position' | 'streamVersion' | 'recordedAt'>,
): RecordedEvent {
  if (draft.producer !== undefined || draft.sealed !== undefined) return { ...draft, ...place }
  return {
    actor: draft.actor,
    causationId: draft.causationId,
    correlationId: draft.correlationId,
    data: draft.data,
    id: draft.id,
    log: draft.log,
    occurredAt: draft.occurredAt,
    position: place.position,
    recordedAt: place.recordedAt,
    schemaVersion: draft.schemaVersion,
    stream: draft.stream,
    streamVersion: place.streamVersion,
    type: draft.type,
  }
}

/** The bytes an event is kept, sent and proved by. */
export const bodyOf = (event: RecordedEvent): string => canonicalText(event)

/** Reads a stored event. Throws, naming the event, if it does not fit its schema: the store was tampered with or is broken. */
export function readBody(body: string): RecordedEvent {
  return parseEvent(recordedEventSchema.parse(JSON.parse(body)))
}

/**
 * What an observation says, as one text. The producer is left out: a runner that comes back after a cut
 * offers the same facts again under its new epoch.
 */
export function contentOf(event: DraftEvent): string {
  const { producer: _producer, ...said } = event
  return eventText(said)
}
