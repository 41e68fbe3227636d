import { expect, test } from 'vitest'
import { given } from '../testing/given.ts'
import { created, ready } from '../testing/session-begun.ts'
import { sessionDecider } from './decider.ts'
import type { SessionEvent } from './events.ts'

const queued = (messageId: string): SessionEvent => ({ type: 'message.queued', data: { messageId, text: messageId } })
const started = (turnId: string, messageId: string): SessionEvent => ({
  type: 'turn.started',
  data: { turnId, runId: 'r', messageIds: [messageId] },
})
const ended = (turnId: string, outcome: 'completed' | 'stopped' = 'completed'): SessionEvent => ({
  type: 'turn.ended',
  data: { turnId, messageIds: [], outcome, durationMs: 1 },
})
const turn = (n: number): SessionEvent[] => [queued(`m${n}`), started(`t${n}`, `m${n}`), ended(`t${n}`)]
const three = [created, ready, ...turn(1), ...turn(2), ...turn(3)]
const jo = { actor: { kind: 'user' as const, id: 'jo' }, now: 1 }

test('[M-2] an edited message takes the place of the one before: rewound first, delivered before what waits', () => {
  const replacement = { messageId: 'm2b', text: 'better' }
  const asked = given(sessionDecider, [...three, queued('m4')]).when({
    type: 'session.rewind',
    data: { rewindId: 'w', messageId: 'm2', restore: 'both', replacement },
  })
  asked.then([
    {
      type: 'session.rewindRequested',
      data: { rewindId: 'w', messageId: 'm2', restore: 'both', turnId: 't2', replacedBy: 'm2b' },
    },
    { type: 'message.queued', data: replacement },
    { type: 'message.reordered', data: { messageIds: ['m2b', 'm4'] } },
  ])
  const after = [...three, queued('m4'), ...(asked.decision as SessionEvent[])]
  // Until the runner has done it nothing is delivered.
  given(sessionDecider, after)
    .when({ type: 'turn.start', data: { turnId: 't4', runId: 'r', messageId: 'm2b' } })
    .refused('wrong_state')
  const done: SessionEvent = {
    type: 'session.rewound',
    data: { rewindId: 'w', messageId: 'm2', restore: 'both', replacedBy: 'm2b' },
  }
  const { state } = given(sessionDecider, [...after, done])
  expect(state).toMatchObject({ held: 'none', conversation: 1, rewind: undefined })
  expect(state.delivered.map(({ messageId }) => messageId)).toEqual(['m1'])
  expect(state.queue.map(({ messageId }) => messageId)).toEqual(['m2b', 'm4'])
})

test('[M-2] only its author edits a message; others can go back to before it', () => {
  const { state } = given(sessionDecider, three)
  const data = { rewindId: 'w', messageId: 'm2', restore: 'both' as const }
  const replacement = { messageId: 'x', text: 'not mine' }
  expect(sessionDecider.decide({ type: 'session.rewind', data: { ...data, replacement } }, state, jo)).toMatchObject({
    code: 'forbidden',
  })
  expect(sessionDecider.decide({ type: 'session.rewind', data }, state, jo)).toHaveLength(1)
})

test('[BE-14] a rewind while the agent works stops it first; what is delivered meanwhile is nothing', () => {
  const working = [...three, queued('m4'), started('t4', 'm4')]
  const asked = given(sessionDecider, working).when({
    type: 'session.rewind',
    data: { rewindId: 'w', messageId: 'm3', restore: 'code' },
  })
  asked.then([
    { type: 'turn.stopRequested', data: { turnId: 't4' } },
    { type: 'session.rewindRequested', data: { rewindId: 'w', messageId: 'm3', restore: 'code', turnId: 't3' } },
  ])
  const stopped = [...working, ...(asked.decision as SessionEvent[]), ended('t4', 'stopped')]
  given(sessionDecider, stopped)
    .when({ type: 'session.rewind', data: { rewindId: 'w2', messageId: 'm1', restore: 'both' } })
    .refused('wrong_state')
  const { state } = given(sessionDecider, [
    ...stopped,
    { type: 'session.rewound', data: { rewindId: 'w', messageId: 'm3', restore: 'code' } },
  ])
  // The files alone: the agent remembers what it did.
  expect(state).toMatchObject({ held: 'none', conversation: 0 })
  expect(state.delivered).toHaveLength(4)
})

test('a rewind that failed leaves everything as it was, and holds its replacement back', () => {
  const asked = given(sessionDecider, three).when({
    type: 'session.rewind',
    data: { rewindId: 'w', messageId: 'm1', restore: 'both', replacement: { messageId: 'm1b', text: 'again' } },
  })
  const failed: SessionEvent = { type: 'session.rewindFailed', data: { rewindId: 'w', message: 'no such checkpoint' } }
  const { state } = given(sessionDecider, [...three, ...(asked.decision as SessionEvent[]), failed])
  expect(state).toMatchObject({ held: 'failed', conversation: 0, rewind: undefined })
  expect(state.delivered).toHaveLength(3)
  expect(state.queue).toHaveLength(1)
})

test('[M-3] a queued message is gone when it is deleted, a delivered one is struck: the next conversation leaves it out', () => {
  given(sessionDecider, [...three, queued('m4')])
    .when({ type: 'message.remove', data: { messageId: 'm4' } })
    .then([{ type: 'message.removed', data: { messageId: 'm4' } }])
  const struck = given(sessionDecider, three).when({ type: 'message.remove', data: { messageId: 'm2' } })
  struck.then([{ type: 'message.struck', data: { messageId: 'm2' } }])
  const { state } = given(sessionDecider, [...three, ...(struck.decision as SessionEvent[])])
  expect(state.conversation).toBe(1)
  given(sessionDecider, [...three, ...(struck.decision as SessionEvent[])])
    .when({ type: 'session.rewind', data: { rewindId: 'w', messageId: 'm2', restore: 'both' } })
    .refused('not_found')
  expect(
    sessionDecider.decide(
      { type: 'message.remove', data: { messageId: 'm1' } },
      given(sessionDecider, three).state,
      jo,
    ),
  ).toMatchObject({ code: 'forbidden' })
})

test('[S-9] the context is reset between turns, not in one', () => {
  given(sessionDecider, three)
    .when({ type: 'session.resetContext', data: { resetId: 'x' } })
    .then([{ type: 'session.contextReset', data: { resetId: 'x' } }])
  given(sessionDecider, [...three, queued('m4'), started('t4', 'm4')])
    .when({ type: 'session.resetContext', data: { resetId: 'x' } })
    .refused('wrong_state')
})
