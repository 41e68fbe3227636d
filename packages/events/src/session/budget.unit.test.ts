import { expect, test } from 'vitest'
import { given } from '../testing/given.ts'
import { created, ready } from '../testing/session-begun.ts'
import { sessionDecider } from './decider.ts'
import type { SessionEvent } from './events.ts'
import type { Usage } from './vocabulary.ts'

const usage = (usd: number, more: Partial<Usage> = {}): Usage => ({
  provider: 'script',
  model: '',
  inputTokens: 100,
  outputTokens: 10,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  usd,
  source: 'reported',
  ...more,
})
const measured = (usd: number): SessionEvent => ({
  type: 'usage.measured',
  data: { turnId: 't1', itemId: 'm1', usage: usage(usd) },
})
const queued: SessionEvent = { type: 'message.queued', data: { messageId: 'm1', text: 'x' } }
const started: SessionEvent = { type: 'turn.started', data: { turnId: 't1', runId: 'r', messageIds: ['m1'] } }
const ended = (data: object): SessionEvent => ({
  type: 'turn.ended',
  data: { turnId: 't1', messageIds: ['m1'], outcome: 'completed', durationMs: 1, ...data },
})
const budget = { unit: 'usd' as const, limit: 1 }
const set: SessionEvent = { type: 'session.budgetSet', data: { budget } }
const start = { type: 'turn.start' as const, data: { turnId: 't2', runId: 'r', messageId: 'm1' } }

test('[M-15, C-8] what was measured is counted once: the end of a turn adds it only where nothing told it before', () => {
  const running = [created, ready, queued, started]
  const both = given(sessionDecider, [...running, measured(0.2), ended({ usage: usage(0.2), usageMeasured: true })])
  expect(both.state.spent).toEqual({ usd: 0.2, tokens: 110 })
  const old = given(sessionDecider, [...running, ended({ usage: usage(0.2) })])
  expect(old.state.spent).toEqual({ usd: 0.2, tokens: 110 })
})

test('[BE-10] with its budget used up a session begins no turn, until the budget is raised or taken away', () => {
  const spent = [created, ready, set, queued, started, measured(1), ended({}), queued]
  expect(given(sessionDecider, spent).when(start).refused('wrong_state')).toContain('Raise it')
  const raised: SessionEvent = { type: 'session.budgetSet', data: { budget: { unit: 'usd', limit: 2 } } }
  const gone: SessionEvent = { type: 'session.budgetSet', data: { budget: null } }
  for (const event of [raised, gone]) {
    const { decision } = given(sessionDecider, [...spent, event]).when(start)
    expect(decision).toMatchObject([{ type: 'turn.started' }])
  }
  given(sessionDecider, [created, set]).when({ type: 'session.setBudget', data: { budget } }).then([])
  given(sessionDecider, [created]).when({ type: 'session.setBudget', data: { budget } }).then([set])
})

test('[BE-10] a hold ends when its own budget is raised enough, when it is told, or with its turn', () => {
  const use = { scope: 'session' as const, unit: 'usd' as const, spent: 1, limit: 1 }
  const held: SessionEvent = { type: 'budget.held', data: { holdId: 'h', turnId: 't1', ...use } }
  const before = [created, ready, set, queued, started, measured(1), held]
  const after = (...more: SessionEvent[]) => given(sessionDecider, [...before, ...more]).state.hold
  expect(after()).toEqual({ holdId: 'h', scope: 'session' })
  const limit = (limit: number): SessionEvent => ({
    type: 'session.budgetSet',
    data: { budget: { unit: 'usd', limit } },
  })
  expect(after(limit(0.9))).toBeDefined()
  expect(after(limit(2))).toBeUndefined()
  expect(after({ type: 'budget.freed', data: { holdId: 'other' } })).toBeDefined()
  expect(after({ type: 'budget.freed', data: { holdId: 'h' } })).toBeUndefined()
  expect(after(ended({ outcome: 'aborted_by_restart' }))).toBeUndefined()
})
