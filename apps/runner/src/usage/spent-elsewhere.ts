import { asSession, nothingSpent } from '@coppice/events'
import type { Spent, StreamId, StreamState } from '@coppice/events'

/** What all sessions of a log but one took together. */
export function spentElsewhere(streams: Iterable<[StreamId, StreamState]>, but: StreamId): Spent {
  let all = nothingSpent
  for (const [stream, state] of streams) {
    if (stream === but || !stream.startsWith('session/')) continue
    const { spent } = asSession(state)
    all = { usd: all.usd + spent.usd, tokens: all.tokens + spent.tokens }
  }
  return all
}
