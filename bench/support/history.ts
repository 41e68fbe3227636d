import {
  sessionStream,
  workspaceLog,
  type EventId,
  type ObservationData,
  type KnownObservation,
  type RecordedEvent,
} from '@coppice/events'
import { prose, random } from './prose.ts'

const LOG = workspaceLog('w')
const SESSIONS = 100

/**
 * A workspace's log as months of work leave it: sessions of turns, each a question, some tool calls (reading, commands,
 * edits with their patch), thoughts and an answer. Messages have 40 to 100 words, one event in five is one.
 */
export function history(length: number): readonly RecordedEvent[] {
  const events: RecordedEvent[] = []
  const next = random(7)
  const { text } = prose(42)
  const between = (low: number, high: number): number => low + Math.floor(next() * (high - low))
  let id = 0
  const newId = (): string => `0190${String((id += 1)).padStart(12, '0')}`
  const saw = <T extends KnownObservation['type']>(sessionId: string, type: T, data: ObservationData<T>): void => {
    const position = events.length + 1
    events.push({
      id: `e${position}` as EventId,
      log: LOG,
      stream: sessionStream(sessionId),
      type,
      schemaVersion: 1,
      actor: { kind: 'runner', id: 'r' },
      causationId: `e${position}`,
      correlationId: `e${position}`,
      occurredAt: 1_700_000_000_000 + position * 1000,
      data: data as Record<string, unknown>,
      position,
      streamVersion: position,
      recordedAt: 1_700_000_000_000 + position * 1000,
    })
  }
  for (let s = 0; s < SESSIONS; s += 1) {
    saw(`s${s}`, 'session.created', {
      sessionId: `s${s}`,
      workspaceId: 'w',
      name: text(4),
      namedBy: 'auto',
      mode: 'develop',
      provider: 'script',
      model: '',
      baseBranch: 'main',
      stepMode: 'auto',
    })
  }
  while (events.length < length) {
    const session = `s${between(0, SESSIONS)}`
    const messageId = newId()
    const turnId = newId()
    saw(session, 'message.queued', { messageId, text: text(between(40, 100)) })
    saw(session, 'turn.started', { turnId, runId: newId(), messageIds: [messageId] })
    for (let step = 0; step < between(1, 5); step += 1) {
      const toolId = newId()
      const family = (['read', 'run', 'edit'] as const)[between(0, 3)] ?? 'read'
      if (step % 2 === 0)
        saw(session, 'message.added', {
          messageId: newId(),
          turnId,
          kind: step === 0 ? 'thinking' : 'agent',
          text: text(between(40, 100)),
          completeness: 'whole',
        })
      saw(session, 'tool.started', {
        toolId,
        turnId,
        family,
        title: family,
        target: `src/${text(2).replace(' ', '/')}.ts`,
      })
      saw(session, 'tool.finished', {
        toolId,
        turnId,
        outcome: 'done',
        durationMs: 120,
        output: family === 'run' ? text(80) : '',
        omittedChars: 0,
        ...(family === 'edit' && {
          changes: [
            {
              path: 'src/a.ts',
              additions: 1,
              deletions: 1,
              patch: `@@ -1 +1 @@\n-${text(8)}\n+${text(8)}\n`,
              cut: false,
            },
          ],
        }),
      })
    }
    saw(session, 'message.added', {
      messageId: newId(),
      turnId,
      kind: 'agent',
      text: text(between(40, 100)),
      completeness: 'whole',
    })
    saw(session, 'turn.ended', { turnId, messageIds: [messageId], outcome: 'completed', durationMs: 4_000 })
  }
  return events
}
