import { sessionStream, workspaceLog } from '@coppice/events'
import type { EventId, RecordedEvent } from '@coppice/events'
import { expect, test } from 'vitest'
import { Causes } from './causes.ts'

let position = 0
function event(type: string, data: Record<string, unknown>): RecordedEvent {
  position += 1
  return {
    id: `e${position}` as EventId,
    log: workspaceLog('w1'),
    stream: sessionStream('s1'),
    type,
    schemaVersion: 1,
    actor: { kind: 'user', id: 'u1' },
    causationId: 'c',
    correlationId: 'c',
    occurredAt: 1,
    data,
    position,
    streamVersion: position,
    recordedAt: 1,
  }
}

test('a message that is still queued when its session ends has its text when the session is restored; a canceled one is let go', () => {
  const causes = new Causes()
  causes.note(event('message.queued', { messageId: 'm1', text: 'canceled' }))
  causes.note(event('session.endRequested', { outcome: 'done', canceledMessageIds: ['m1'] }))
  causes.note(event('message.queued', { messageId: 'm2', text: 'kept' }))
  causes.note(event('session.ended', { outcome: 'done' }))
  expect([...causes.texts]).toEqual([['m2', 'kept']])
})
