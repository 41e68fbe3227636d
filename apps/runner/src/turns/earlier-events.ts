import { asSessionEvent, idIn, sessionStream, type RecordedEvent } from '@coppice/events'
import type { Address } from '../runner-context.ts'
import type { ReadSession } from './read-session.ts'

/** So many forks of forks are followed back. */
const mostForks = 10

/** All events from before a turn, those of the session that this one was forked from (and so on) first. */
export async function earlierEvents(
  read: ReadSession,
  address: Address,
  turnId: string,
  forks = 0,
): Promise<readonly RecordedEvent[]> {
  const events = await read(address)
  const at = events.findIndex((event) => event.type === 'turn.started' && event.data['turnId'] === turnId)
  const before = at < 0 ? events : events.slice(0, at)
  const created = events[0] && asSessionEvent(events[0])
  const fork = created?.type === 'session.created' ? created.data.fork : undefined
  if (fork === undefined || forks >= mostForks || fork.sessionId === idIn(address.stream)) return before
  const parent = { log: address.log, stream: sessionStream(fork.sessionId) }
  return [...(await earlierEvents(read, parent, fork.turnId, forks + 1)), ...before]
}
