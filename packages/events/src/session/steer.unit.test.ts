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
const ended: SessionEvent = {
  type: 'turn.ended',
  data: { turnId: 't1', messageIds: [], outcome: 'completed', durationMs: 1 },
}
const working = [created, ready, queued('m1'), started('t1', 'm1'), queued('m2'), queued('m3')]
const steer = { type: 'message.steer' as const, data: { messageId: 'm3' } }
const requested: SessionEvent = { type: 'message.steerRequested', data: { messageId: 'm3', turnId: 't1' } }

test('[M-9] a queued message is said into the running turn, and then waits no longer', () => {
  given(sessionDecider, working).when(steer).then([requested])
  given(sessionDecider, [...working, requested])
    .when(steer)
    .then([])
  const steered: SessionEvent = { type: 'message.steered', data: { messageId: 'm3', turnId: 't1' } }
  const { state } = given(sessionDecider, [...working, requested, steered])
  expect(state.queue.map(({ messageId }) => messageId)).toEqual(['m2'])
})

test('[M-9] what the agent does not take waits for the end of the turn, and can be tried again', () => {
  const not: SessionEvent = {
    type: 'message.notSteered',
    data: { messageId: 'm3', turnId: 't1', message: 'not in mid-turn' },
  }
  given(sessionDecider, [...working, requested, not])
    .when(steer)
    .then([requested])
  expect(given(sessionDecider, [...working, requested, not]).state.queue).toHaveLength(2)
  // The turn ended first: it is delivered in its order, like any other.
  expect(given(sessionDecider, [...working, requested, ended]).state.queue).toMatchObject([
    { messageId: 'm2', steering: false },
    { messageId: 'm3', steering: false },
  ])
})

test('[M-9] without a turn, or while it is being stopped, nothing is steered; nor is another person’s message', () => {
  given(sessionDecider, [...working, ended])
    .when(steer)
    .refused('wrong_state')
  const stop: SessionEvent = { type: 'turn.stopRequested', data: { turnId: 't1' } }
  given(sessionDecider, [...working, stop])
    .when(steer)
    .refused('wrong_state')
  const jo = { actor: { kind: 'user' as const, id: 'jo' }, now: 1 }
  expect(sessionDecider.decide(steer, given(sessionDecider, working).state, jo)).toMatchObject({ code: 'forbidden' })
})
