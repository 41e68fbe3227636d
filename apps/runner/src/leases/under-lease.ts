import { asSession } from '@coppice/events'
import type { DraftEvent, StreamState } from '@coppice/events'

/**
 * Marks a fact of a session with the change of hands under which it was seen, whenever it is sent: the newest one, or, on a
 * runner that has lost the session, the one before that.
 */
export function underLease(event: DraftEvent, state: StreamState | undefined, runnerId: string): DraftEvent {
  const lease = state && event.stream.startsWith('session/') ? asSession(state).lease : undefined
  if (lease === undefined) return event
  const epoch = lease.runnerId === runnerId ? lease.epoch : lease.epoch - 1
  return epoch === 0 ? event : { ...event, producer: { id: 'spool', epoch: 0, seq: 0, lease: epoch } }
}
