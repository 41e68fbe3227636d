import { sessionStream, workspaceLog, type EventId, type RecordedEvent, type SessionEvent } from '@coppice/events'
import { expect, test } from 'vitest'
import { conversationSoFar, withConversation } from './conversation-so-far.ts'
import { earlierEvents } from './earlier-events.ts'

let n = 0
const recorded = ({ type, data }: SessionEvent): RecordedEvent => {
  n += 1
  return {
    id: `e${n}` as EventId,
    log: workspaceLog('w'),
    stream: sessionStream('s'),
    type,
    schemaVersion: 1,
    actor: { kind: 'user', id: 'mara' },
    causationId: 'c',
    correlationId: 'c',
    occurredAt: n,
    recordedAt: n,
    position: n,
    streamVersion: n,
    data,
  }
}
const turn = (name: string): RecordedEvent[] =>
  (
    [
      { type: 'message.queued', data: { messageId: `m-${name}`, text: `asks ${name}` } },
      { type: 'turn.started', data: { turnId: `t-${name}`, runId: 'r', messageIds: [`m-${name}`] } },
      {
        type: 'message.added',
        data: { messageId: `a-${name}`, kind: 'agent', text: `says ${name}`, completeness: 'whole' },
      },
      {
        type: 'tool.finished',
        data: {
          toolId: `tool-${name}`,
          turnId: `t-${name}`,
          outcome: 'done',
          durationMs: 1,
          output: 'long output',
          omittedChars: 0,
          title: 'Edit',
          target: `${name}.ts`,
        },
      },
      {
        type: 'turn.ended',
        data: { turnId: `t-${name}`, messageIds: [`m-${name}`], outcome: 'completed', durationMs: 1 },
      },
    ] satisfies SessionEvent[]
  ).map(recorded)
const say = conversationSoFar

test('what was said and done before a turn, in order, without what tools printed', () => {
  expect(say([...turn('one'), ...turn('two')])).toBe(
    [
      'User: asks one',
      'You: says one',
      '[tool] Edit one.ts: done',
      'User: asks two',
      'You: says two',
      '[tool] Edit two.ts: done',
    ].join('\n'),
  )
  expect(say([])).toBe('')
  expect(withConversation('', 'Hello.')).toBe('Hello.')
  expect(withConversation('User: before', 'Hello.')).toMatch(/User: before[^]*Hello\.$/)
})

test('what a hook said is told as the hook’s', () => {
  const hook = { runId: 'r', name: 'Tests' }
  const events: SessionEvent[] = [
    { type: 'message.queued', data: { messageId: 'h', text: 'It failed.', hook } },
    { type: 'turn.started', data: { turnId: 't', runId: 'r', messageIds: ['h'] } },
  ]
  expect(conversationSoFar(events.map(recorded))).toContain('Hook: It failed.')
})

test('[M-3] a message that was deleted is left out', () => {
  const struck = recorded({ type: 'message.struck', data: { messageId: 'm-one' } })
  const text = say([...turn('one'), ...turn('two'), struck])
  expect(text).not.toContain('asks one')
  expect(text).toContain('asks two')
})

test('[M-2, BE-14] what a rewind replaced is left out; where only files went back it stays', () => {
  const back = (restore: 'both' | 'code'): RecordedEvent =>
    recorded({ type: 'session.rewound', data: { rewindId: 'w', messageId: 'm-two', restore } })
  const before = [...turn('one'), ...turn('two'), ...turn('three')]
  const text = say([...before, back('both'), ...turn('four')])
  expect(text).toMatch(/says one[^]*asks four/)
  expect(text).not.toMatch(/two|three/)
  expect(say([...before, back('code')])).toContain('asks three')
})

test('[S-9] nothing from before a reset of the context is handed on', () => {
  const reset = recorded({ type: 'session.contextReset', data: { resetId: 'x' } })
  expect(say([...turn('one'), reset, ...turn('two')])).not.toContain('asks one')
})

test('of a long conversation the newest part is handed on, and that something is missing is said', () => {
  const long = Array.from({ length: 400 }, (_, i) => turn(`${i} ${'x'.repeat(300)}`)).flat()
  const text = say(long)
  expect(text.length).toBeLessThan(61_000)
  expect(text).toContain('asks 399')
  expect(text).not.toContain('asks 0 ')
  expect(text).toMatch(/^\[\d+ earlier entries are left out\]/)
})

test('[BE-4] a fork is handed what was said before its message, and not what its origin did later', async () => {
  const fork = { sessionId: 'origin', messageId: 'm-two', turnId: 't-two' }
  const created = recorded({
    type: 'session.created',
    data: {
      sessionId: 's',
      workspaceId: 'w',
      name: 'Fork',
      namedBy: 'user',
      mode: 'develop',
      provider: 'coppice',
      model: '',
      baseBranch: 'main',
      stepMode: 'auto',
      fork,
    },
  })
  const logs: Record<string, RecordedEvent[]> = {
    'session/origin': [...turn('one'), ...turn('two'), ...turn('three')],
    'session/s': [created, ...turn('mine'), ...turn('next')],
  }
  const read = ({ stream }: { stream: string }) => Promise.resolve(logs[stream] ?? [])
  const address = { log: workspaceLog('w'), stream: sessionStream('s') }
  const text = conversationSoFar(await earlierEvents(read, address, 't-next'))
  expect(text).toMatch(/asks one[^]*asks mine/)
  expect(text).not.toMatch(/asks (two|three|next)/)
})
