import type { LogId, StreamId, StreamState } from '@coppice/events'
import { asSession } from '@coppice/events'
import type { RunnerContext } from '../runner-context.ts'
import { spentElsewhere } from '../usage/spent-elsewhere.ts'

/** What a session's reactor may know of the other sessions of its workspace. */
export const sessionsBeside = (
  streams: (log: LogId) => Iterable<[StreamId, StreamState]>,
): Pick<RunnerContext, 'spentElsewhere' | 'othersOfGroup'> => ({
  spentElsewhere: ({ log, stream }) => spentElsewhere(streams(log), stream),
  othersOfGroup: ({ log, stream: but }, groupId) =>
    [...streams(log)].flatMap(([stream, state]) => {
      if (stream === but || !stream.startsWith('session/')) return []
      const session = asSession(state)
      return session.groupId === groupId ? [session] : []
    }),
})
