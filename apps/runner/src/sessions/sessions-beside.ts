import type { LogId, StreamId, StreamState } from '@coppice/events'
import { asBot, asSession, botStream } from '@coppice/events'
import type { RunnerContext } from '../runner-context.ts'
import { spentElsewhere } from '../usage/spent-elsewhere.ts'

/** What a session's reactor may know of what stands beside it in the log of its workspace. */
export const sessionsBeside = (
  streams: (log: LogId) => Iterable<[StreamId, StreamState]>,
): Pick<RunnerContext, 'spentElsewhere' | 'othersOfGroup' | 'botOf'> => ({
  spentElsewhere: ({ log, stream }) => spentElsewhere(streams(log), stream),
  botOf: ({ log }, botId) => {
    if (botId === undefined) return undefined
    const wanted = botStream(botId)
    for (const [stream, state] of streams(log)) if (stream === wanted) return asBot(state)
    return undefined
  },
  othersOfGroup: ({ log, stream: but }, groupId) =>
    [...streams(log)].flatMap(([stream, state]) => {
      if (stream === but || !stream.startsWith('session/')) return []
      const session = asSession(state)
      return session.groupId === groupId ? [session] : []
    }),
})
