import { expect, test } from 'vitest'
import { given } from '../testing/given.ts'
import { created, ready } from '../testing/session-begun.ts'
import { actionsIn, readActionBlock } from './action-blocks.ts'
import { answerMessage, answerWords } from './action-text.ts'
import type { Action } from './action-vocabulary.ts'
import { sessionDecider } from './decider.ts'
import type { SessionEvent } from './events.ts'

const question: Action = { kind: 'ask_question', question: 'Which database?', options: [{ label: 'PostgreSQL' }] }
const running: SessionEvent[] = [
  created,
  ready,
  { type: 'message.queued', data: { messageId: 'm1', text: 'Begin.' } },
  { type: 'turn.started', data: { turnId: 't1', runId: 'r', messageIds: ['m1'] } },
]
const offered = (waits: boolean, action: Action = question): SessionEvent => ({
  type: 'action.offered',
  data: { actionId: 'a1', turnId: 't1', action, waits },
})
const ended: SessionEvent = {
  type: 'turn.ended',
  data: { turnId: 't1', messageIds: ['m1'], outcome: 'completed', durationMs: 1 },
}
const answer = { kind: 'answered' as const, options: ['PostgreSQL'] }
const message = { messageId: 'm2', text: answerMessage({ question: 'Which database?' }, answer) }
const reply = { type: 'action.answer' as const, data: { actionId: 'a1', answer, message } }

test('[MA-2] an answer goes to the call that waits; where none waits any more, as a message of whoever answered', () => {
  given(sessionDecider, [...running, offered(true)])
    .when(reply)
    .then([{ type: 'action.answered', data: { actionId: 'a1', answer, delivery: 'waiting' } }])
  const asMessage: SessionEvent[] = [
    { type: 'action.answered', data: { actionId: 'a1', answer, delivery: 'message' } },
    { type: 'message.queued', data: message },
  ]
  expect(message.text).toBe('> Which database?\n\nPostgreSQL')
  for (const past of [
    [offered(false)],
    [offered(true), ended],
    [offered(true), { type: 'action.detached' as const, data: { actionId: 'a1' } }],
  ])
    given(sessionDecider, [...running, ...past])
      .when(reply)
      .then(asMessage)
})

test('the first answer counts; the next one is told whose it was, and does nothing', () => {
  const answered: SessionEvent = { type: 'action.answered', data: { actionId: 'a1', answer, delivery: 'waiting' } }
  const after = given(sessionDecider, [...running, offered(true), answered])
  expect(after.when(reply).refused('action_settled')).toContain('answered by mara')
  expect(after.state.actions).toEqual([])
  expect(after.state.unheard).toEqual(['a1'])
  const taken: SessionEvent = { type: 'action.taken', data: { actionId: 'a1', turnId: 't1' } }
  expect(given(sessionDecider, [...running, offered(true), answered, taken]).state.unheard).toEqual([])
})

test('an answer must fit what was asked', () => {
  const open = given(sessionDecider, [...running, offered(true)])
  open
    .when({ type: 'action.answer', data: { actionId: 'a1', answer: { kind: 'answered', options: [] } } })
    .refused('invalid')
  open
    .when({ type: 'action.answer', data: { actionId: 'a1', answer: { kind: 'approved', text: '', sessionId: 's2' } } })
    .refused('invalid')
  given(sessionDecider, [...running, offered(false)])
    .when({ type: 'action.answer', data: { actionId: 'a1', answer } })
    .refused('invalid')
  given(sessionDecider, running).when(reply).refused('action_settled')
})

test('[MA-1] [MA-3] a plan is approved with its text and the session that began from it, a ticket is filled in; either may be dismissed', () => {
  const plan: Action = { kind: 'create_plan', title: 'Split it', description: '', steps: ['one'] }
  const ticket: Action = { kind: 'create_ticket', title: 'Slow start', description: '' }
  const approved = { kind: 'approved' as const, text: 'one, then two', sessionId: 's2' }
  const filled = { kind: 'ticket' as const, title: 'Slow first start', description: 'Measure it.' }
  for (const [action, made] of [
    [plan, approved],
    [ticket, filled],
    [plan, { kind: 'dismissed' as const }],
  ] as const)
    given(sessionDecider, [...running, offered(false, action), ended])
      .when({ type: 'action.answer', data: { actionId: 'a1', answer: made } })
      .then([{ type: 'action.answered', data: { actionId: 'a1', answer: made, delivery: 'none' } }])
})

test('what waits for people goes with the end of the session, and with a rewind to before it', () => {
  const gone: SessionEvent = { type: 'session.ended', data: { outcome: 'done' } }
  expect(given(sessionDecider, [...running, offered(false), gone]).state.actions).toEqual([])
  const rewound: SessionEvent = {
    type: 'session.rewound',
    data: { rewindId: 'w', messageId: 'm1', restore: 'both', closedActions: ['a1'] },
  }
  expect(given(sessionDecider, [...running, offered(false), ended, rewound]).state.actions).toEqual([])
})

test('[MA-4] a fenced block is what the tool would have been; one that is malformed says why and stays text', () => {
  const text = [
    'I must know:',
    '```coppice:ask-question',
    '{"question": "Which database?", "options": [{"label": "PostgreSQL"}]}',
    '```',
    'and',
    '~~~coppice:create-plan',
    'not json',
    '~~~',
    '````coppice:create-ticket',
    '{"title": "Slow start", "description": "```sh\\nls\\n```"}',
    '````',
    '```json',
    '{"question": "no action"}',
    '```',
  ].join('\n')
  expect(actionsIn(text)).toEqual([
    { block: 0, action: question },
    { block: 2, action: { kind: 'create_ticket', title: 'Slow start', description: '```sh\nls\n```' } },
  ])
  expect(readActionBlock('json', '{}')).toBeUndefined()
  expect(readActionBlock('coppice:ask-question', '{"options": []}')).toMatchObject({
    ok: false,
    problem: expect.stringContaining('question') as string,
  })
  expect(readActionBlock('coppice:launch', '{}')).toMatchObject({
    ok: false,
    problem: expect.stringContaining('There is no action "launch"') as string,
  })
  expect(readActionBlock('coppice:ask-question', '[1]')).toMatchObject({ ok: false })
})

test('an answer in words: what was chosen, what was written, or that nobody wants to answer', () => {
  expect(answerWords({ kind: 'answered', options: ['A', 'B'], other: ' and C ' })).toBe('A; B\nand C')
  expect(answerWords({ kind: 'dismissed' })).toContain('Decide it yourself')
})
