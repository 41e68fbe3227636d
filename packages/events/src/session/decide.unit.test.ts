import { describe, expect, test } from 'vitest'
import { given } from '../testing/given.ts'
import { sessionDecider } from './decider.ts'
import type { SessionEvent } from './events.ts'
import { nameFromText } from './decide.ts'

const created: SessionEvent = {
  type: 'session.created',
  data: {
    sessionId: 's',
    workspaceId: 'w',
    name: 'New session',
    namedBy: 'auto',
    mode: 'develop',
    provider: 'script',
    model: '',
    baseBranch: 'main',
    stepMode: 'manual',
  },
}
const ready: SessionEvent = {
  type: 'worktree.ready',
  data: { branch: 'b', baseCommit: 'c', path: '/p', durationMs: 1 },
}
const queued = (messageId: string): SessionEvent => ({
  type: 'message.queued',
  data: { messageId, text: `text of ${messageId}` },
})
const started: SessionEvent = { type: 'turn.started', data: { turnId: 't', runId: 'r', messageIds: ['m1'] } }
const asked: SessionEvent = {
  type: 'approval.requested',
  data: {
    approvalId: 'a',
    toolId: 'x',
    turnId: 't',
    family: 'run',
    title: 'Run',
    target: 'ls',
    detail: 'ls',
    detailKind: 'command',
    rule: { family: 'run', target: 'ls' },
  },
}
const ended = (outcome: 'completed' | 'stopped' | 'failed' | 'aborted_by_restart'): SessionEvent => ({
  type: 'turn.ended',
  data: { turnId: 't', messageIds: ['m1'], outcome, durationMs: 1 },
})
const working = [created, ready, queued('m1'), started]

describe('provider and model', () => {
  test('[S-21] can change between turns, not within one; the same again is nothing', () => {
    const other = { provider: 'coppice-code', model: 'openai/x' }
    const set = { type: 'session.setProvider' as const, data: other }
    const event: SessionEvent = { type: 'session.providerSet', data: other }
    given(sessionDecider, [...working, ended('completed')])
      .when(set)
      .then([event])
    expect(given(sessionDecider, [created, event]).state).toMatchObject(other)
    given(sessionDecider, [created, event]).when(set).then([])
    given(sessionDecider, working).when(set).refused('wrong_state')
  })
})

describe('statuses', () => {
  test('[S-6, S-7] new is Waiting, a delivered message makes it In Progress, the end of the turn makes it Waiting', () => {
    expect(given(sessionDecider, [created]).state.status).toBe('waiting')
    expect(given(sessionDecider, working).state.status).toBe('in_progress')
    expect(given(sessionDecider, [...working, ended('completed')]).state.status).toBe('waiting')
  })

  test('[S-8] Done and Canceled are terminal for everything but Restore and a new name', () => {
    for (const outcome of ['done', 'canceled'] as const) {
      const over = [...working, ended('completed'), { type: 'session.ended', data: { outcome } } satisfies SessionEvent]
      expect(given(sessionDecider, over).state.status).toBe(outcome)
      given(sessionDecider, over)
        .when({ type: 'message.send', data: { messageId: 'm2', text: 'more' } })
        .refused('wrong_state')
      given(sessionDecider, over)
        .when({ type: 'session.end', data: { outcome: 'done' } })
        .refused('wrong_state')
      given(sessionDecider, over)
        .when({ type: 'session.setStepMode', data: { stepMode: 'auto' } })
        .refused('wrong_state')
      given(sessionDecider, over)
        .when({ type: 'session.restore', data: {} })
        .then([{ type: 'session.restoreRequested', data: {} }])
      const back = [
        ...over,
        { type: 'session.restoreRequested', data: {} },
        { type: 'worktree.restored', data: { path: '/p' } },
      ] satisfies SessionEvent[]
      expect(given(sessionDecider, back).state.status).toBe('waiting')
    }
  })

  test('ending takes the queue with it and lets nothing new in', () => {
    const ending = given(sessionDecider, [...working, queued('m2')]).when({
      type: 'session.end',
      data: { outcome: 'done' },
    })
    ending.then([{ type: 'session.endRequested', data: { outcome: 'done', canceledMessageIds: ['m2'] } }])
    const after: SessionEvent[] = [
      ...working,
      { type: 'session.endRequested', data: { outcome: 'done', canceledMessageIds: [] } },
    ]
    given(sessionDecider, after)
      .when({ type: 'message.send', data: { messageId: 'm3', text: 'more' } })
      .refused('wrong_state')
  })
})

describe('queue', () => {
  test('[M-8] only the first message is delivered, and only when nothing runs and the worktree is ready', () => {
    const start = (messageId: string) => ({
      type: 'turn.start' as const,
      data: { turnId: 't2', runId: 'r2', messageId },
    })
    given(sessionDecider, [created, queued('m1')])
      .when(start('m1'))
      .refused('wrong_state')
    given(sessionDecider, [created, ready, queued('m1'), queued('m2')])
      .when(start('m2'))
      .refused('conflict')
    given(sessionDecider, [...working, queued('m2')])
      .when(start('m2'))
      .refused('wrong_state')
    given(sessionDecider, [...working, queued('m2'), ended('completed')])
      .when(start('m2'))
      .then([{ type: 'turn.started', data: { turnId: 't2', runId: 'r2', messageIds: ['m2'] } }])
  })

  test('[M-8] queued messages can be edited, removed and reordered; delivered ones cannot', () => {
    const two = [...working, queued('m2'), queued('m3')]
    given(sessionDecider, two)
      .when({ type: 'message.edit', data: { messageId: 'm2', text: 'better' } })
      .then([{ type: 'message.edited', data: { messageId: 'm2', text: 'better' } }])
    given(sessionDecider, two)
      .when({ type: 'message.edit', data: { messageId: 'm1', text: 'late' } })
      .refused('message_delivered')
    const swapped = given(sessionDecider, [...two, { type: 'message.reordered', data: { messageIds: ['m3', 'm2'] } }])
    expect(swapped.state.queue.map((one) => one.messageId)).toEqual(['m3', 'm2'])
    given(sessionDecider, two)
      .when({ type: 'message.reorder', data: { messageIds: ['m3'] } })
      .refused('conflict')
    const fewer = given(sessionDecider, [...two, { type: 'message.removed', data: { messageId: 'm2' } }])
    expect(fewer.state.queue.map((one) => one.messageId)).toEqual(['m3'])
  })

  test('after a stop, a failure or a restart the queue is held until a person lets it go on', () => {
    for (const outcome of ['stopped', 'failed', 'aborted_by_restart'] as const) {
      const held = [...working, queued('m2'), ended(outcome)]
      expect(given(sessionDecider, held).state.held).not.toBe('none')
      given(sessionDecider, held)
        .when({ type: 'turn.start', data: { turnId: 't2', runId: 'r', messageId: 'm2' } })
        .refused('wrong_state')
      given(sessionDecider, held)
        .when({ type: 'queue.release', data: {} })
        .then([{ type: 'queue.released', data: {} }])
      expect(given(sessionDecider, [...held, queued('m3')]).state.held).toBe('none')
    }
  })

  test('where no worktree could be made, letting the queue go on asks for another try', () => {
    const failed = { type: 'worktree.failed', data: { code: 'branch_missing', message: 'gone' } } satisfies SessionEvent
    given(sessionDecider, [created, queued('m1'), failed])
      .when({ type: 'queue.release', data: {} })
      .then([{ type: 'queue.released', data: {} }])
  })

  test('a queued message can be changed by its author only', () => {
    const other = { actor: { kind: 'user' as const, id: 'jo' }, now: 1 }
    const state = given(sessionDecider, [created, queued('m1')]).state
    expect(sessionDecider.decide({ type: 'message.remove', data: { messageId: 'm1' } }, state, other)).toMatchObject({
      code: 'forbidden',
    })
  })
})

describe('approvals', () => {
  const yes = { type: 'approval.answer' as const, data: { approvalId: 'a', decision: 'allow_once' as const } }

  test('[D-1] a pending step can be allowed, and "for this session" leaves a rule', () => {
    given(sessionDecider, [...working, asked])
      .when(yes)
      .then([{ type: 'approval.answered', data: { approvalId: 'a', toolId: 'x', decision: 'allow_once' } }])
    const lasting = given(sessionDecider, [...working, asked]).when({
      ...yes,
      data: { approvalId: 'a', decision: 'allow_session' },
    })
    lasting.then([
      {
        type: 'approval.answered',
        data: { approvalId: 'a', toolId: 'x', decision: 'allow_session', rule: { family: 'run', target: 'ls' } },
      },
    ])
  })

  test('[D-5] a step answered, withdrawn or stopped before never fires, and the person is told what became of it', () => {
    const answered: SessionEvent = {
      type: 'approval.answered',
      data: { approvalId: 'a', toolId: 'x', decision: 'reject' },
    }
    expect(
      given(sessionDecider, [...working, asked, answered])
        .when(yes)
        .refused('approval_settled'),
    ).toContain('rejected by mara')
    const expired: SessionEvent = {
      type: 'approval.withdrawn',
      data: { approvalId: 'a', toolId: 'x', reason: 'expired' },
    }
    expect(
      given(sessionDecider, [...working, asked, expired])
        .when(yes)
        .refused('approval_settled'),
    ).toContain('expired')
    const stop: SessionEvent = { type: 'turn.stopRequested', data: { turnId: 't' } }
    given(sessionDecider, [...working, asked, stop])
      .when(yes)
      .refused('approval_settled')
    given(sessionDecider, [...working, asked, ended('stopped')])
      .when(yes)
      .refused('approval_settled')
  })
})

describe('stopping', () => {
  test('[BE-3, M-4] stop requested, stop acknowledged and the end of the turn are three different things', () => {
    const requested: SessionEvent = { type: 'turn.stopRequested', data: { turnId: 't' } }
    const acknowledged: SessionEvent = { type: 'turn.stopAcknowledged', data: { turnId: 't' } }
    given(sessionDecider, working)
      .when({ type: 'turn.stop', data: { turnId: 't' } })
      .then([requested])
    expect(given(sessionDecider, [...working, requested]).state.turn?.stop).toBe('requested')
    expect(given(sessionDecider, [...working, requested, acknowledged]).state).toMatchObject({
      status: 'in_progress',
      turn: { stop: 'acknowledged' },
    })
    given(sessionDecider, [...working, requested])
      .when({ type: 'turn.stop', data: { turnId: 't' } })
      .then([])
    given(sessionDecider, [...working, ended('stopped')])
      .when({ type: 'turn.stop', data: { turnId: 't' } })
      .refused('wrong_state')
  })
})

test('[S-22] a session is named from its first message, cut at 60 characters, and a person can rename it', () => {
  expect(nameFromText('```sh\nls\n```')).toBe('ls')
  expect(nameFromText('## Fix the login\nIt is broken')).toBe('Fix the login')
  expect(nameFromText('x'.repeat(100))).toHaveLength(60)
  const first = given(sessionDecider, [created]).when({
    type: 'message.send',
    data: { messageId: 'm', text: 'Fix the login' },
  })
  first.then([
    { type: 'message.queued', data: { messageId: 'm', text: 'Fix the login' } },
    { type: 'session.renamed', data: { name: 'Fix the login', namedBy: 'auto' } },
  ])
  given(sessionDecider, [created])
    .when({ type: 'session.rename', data: { name: 'Login' } })
    .then([{ type: 'session.renamed', data: { name: 'Login', namedBy: 'user' } }])
})
