import { asSession } from '@coppice/events'
import type { DraftEvent, StreamState } from '@coppice/events'

/** Marks a fact of a session with the change of hands under which it is seen, whenever it is sent. */
export function underLease(event: DraftEvent, state: StreamState | undefined): DraftEvent {
  const lease = state && event.stream.startsWith('session/') ? asSession(state).lease?.epoch : undefined
  return lease === undefined ? event : { ...event, producer: { id: 'spool', epoch: 0, seq: 0, lease } }
}
