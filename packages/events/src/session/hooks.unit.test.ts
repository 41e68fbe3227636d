import { describe, expect, test } from 'vitest'
import { given } from '../testing/given.ts'
import { LIMITS } from '../limits.ts'
import { created, ready } from '../testing/session-begun.ts'
import { sessionDecider } from './decider.ts'
import type { SessionEvent } from './events.ts'

const sessionBegun = [created, ready]
const runner = { actor: { kind: 'runner' as const, id: 'oak' }, now: 1_000 }
const hook = { runId: 'run', name: 'Tests' }
const message = (messageId: string) => ({ messageId, text: 'It failed.', hook })
const queued = (messageId: string): SessionEvent => ({ type: 'message.queued', data: message(messageId) })
const byPerson = (messageId: string): SessionEvent => ({ type: 'message.queued', data: { messageId, text: 'Go on.' } })
const turn = (turnId: string, ...messageIds: string[]): SessionEvent[] => [
  { type: 'turn.started', data: { turnId, runId: 'agent', messageIds } },
  { type: 'turn.ended', data: { turnId, messageIds, outcome: 'completed', durationMs: 1 } },
]
const round: SessionEvent = {
  type: 'hooks.begun',
  data: {
    roundId: 'round',
    event: 'done',
    tree: 'abc',
    runs: [{ runId: 'run', hookId: 'tests', name: 'Tests' }],
    skipped: [],
  },
}
const report = { type: 'hooks.report' as const, data: { roundId: 'round', messages: [message('m')] } }

describe('messages of hooks', () => {
  test('[H-30] go to the agent together, let nothing go on that a person holds, and may be removed by any member', () => {
    const held: SessionEvent = {
      type: 'turn.ended',
      data: { turnId: 't', messageIds: [], outcome: 'stopped', durationMs: 1 },
    }
    const stopped = [
      ...sessionBegun,
      { type: 'turn.started', data: { turnId: 't', runId: 'r', messageIds: [] } } as const,
      held,
    ]
    const at = given(sessionDecider, [...stopped, queued('a'), queued('b')])
    expect(at.state.held).toBe('stopped')
    at.when({ type: 'message.remove', data: { messageId: 'a' } }).then([
      { type: 'message.removed', data: { messageId: 'a' } },
    ])
    const free = given(sessionDecider, [...sessionBegun, queued('a'), queued('b'), byPerson('c'), queued('d')], runner)
    free
      .when({ type: 'turn.start', data: { turnId: 't', runId: 'r', messageId: 'a' } })
      .then([{ type: 'turn.started', data: { turnId: 't', runId: 'r', messageIds: ['a', 'b'] } }])
  })

  test('[H-30] three turns in a row are theirs at most; a word of a person begins anew', () => {
    const three = ['a', 'b', 'c'].flatMap((id) => [queued(id), ...turn(id, id)])
    const at = given(sessionDecider, [...sessionBegun, ...three], runner)
    expect(at.state.hooks?.turns).toBe(LIMITS.hookTurns)
    expect(at.when(report).refused('queue_full')).toContain('waits for a person')
    const again = given(sessionDecider, [...sessionBegun, ...three, byPerson('d'), ...turn('d', 'd')], runner)
    again.when(report).then([queued('m')])
  })
})

describe('a Complete whose hooks fail', () => {
  const ending: SessionEvent = { type: 'session.endRequested', data: { outcome: 'done', canceledMessageIds: [] } }
  const reopen = { ...report, data: { ...report.data, reopen: true as const } }

  test('[H-36] [H-39] gives the session back to its agent three times, then to a person', () => {
    const begun: SessionEvent[] = [...sessionBegun, ending]
    for (let retry = 1; retry <= LIMITS.doneRetries; retry += 1) {
      given(sessionDecider, begun, runner)
        .when(reopen)
        .then([{ type: 'session.reopened', data: { roundId: 'round', retry } }, queued('m')])
      begun.push(
        { type: 'session.reopened', data: { roundId: 'round', retry } },
        queued(`m${retry}`),
        ...turn(`t${retry}`, `m${retry}`),
      )
      const open = given(sessionDecider, begun, runner)
      expect(open.state).toMatchObject({ ending: 'none', hooks: { retry: { count: retry, active: true } } })
      open.when({ type: 'session.endAgain', data: {} }).then([ending])
      begun.push(ending)
    }
    const at = given(sessionDecider, begun, runner)
    expect(at.when(reopen).refused('queue_full')).not.toBe('')
    const kept = given(sessionDecider, [...begun, { type: 'session.reopened', data: { roundId: 'round' } }], runner)
    expect(kept.state).toMatchObject({ ending: 'none', status: 'waiting' })
    expect(kept.state.hooks?.retry).toBeUndefined()
  })

  test('[H-39] whoever writes meanwhile, or stops the agent, has the session back', () => {
    const open: SessionEvent[] = [
      ...sessionBegun,
      ending,
      { type: 'session.reopened', data: { roundId: 'round', retry: 1 } },
    ]
    const again = { type: 'session.endAgain' as const, data: {} }
    given(sessionDecider, [...open, byPerson('d'), ...turn('d', 'd')], runner)
      .when(again)
      .refused('wrong_state')
    const stopped: SessionEvent[] = [
      queued('m'),
      { type: 'turn.started', data: { turnId: 't', runId: 'r', messageIds: ['m'] } },
      { type: 'turn.ended', data: { turnId: 't', messageIds: ['m'], outcome: 'stopped', durationMs: 1 } },
    ]
    given(sessionDecider, [...open, ...stopped], runner)
      .when(again)
      .refused('wrong_state')
  })

  test('[H-42] hooks can be canceled while the session ends; what has ended cannot', () => {
    const at = given(sessionDecider, [...sessionBegun, ending, round])
    const cancel = { type: 'hook.cancel' as const, data: { runId: 'run' } }
    at.when(cancel).then([{ type: 'hook.cancelRequested', data: { roundId: 'round', runId: 'run' } }])
    const over: SessionEvent = {
      type: 'hook.ended',
      data: { roundId: 'round', runId: 'run', status: 'completed', exitCode: 0, durationMs: 1 },
    }
    given(sessionDecider, [...sessionBegun, ending, round, over])
      .when(cancel)
      .refused('operation_settled')
  })
})
