import type { ProcessRow } from '../rows/session-tables.ts'
import type { ProjectedFrom, ReadRow, RowChange, SessionRow } from '../rows/tables.ts'
import type { SessionEvent } from './events.ts'
import type { ProcessEvent } from './process-state.ts'

export const isProcessEvent = (event: SessionEvent): event is ProcessEvent => event.type.startsWith('process.')

/** The row of a task's run or of a terminal after an event. */
export function processChanges(event: ProcessEvent, source: ProjectedFrom, read: ReadRow): readonly RowChange[] {
  const { runId } = event.data
  if (event.type === 'process.requested') {
    const { what, name, taskId, kind } = event.data
    const row: ProcessRow = {
      runId,
      sessionId: source.streamId,
      what,
      name,
      taskId: taskId ?? '',
      ...(kind && { kind }),
      status: 'pending',
      stopping: false,
      by: source.actor.id,
      at: source.at,
    }
    return [{ table: 'processes', key: runId, row }]
  }
  const known = read('processes', runId)
  return known ? [{ table: 'processes', key: runId, row: { ...known, ...after(event, source) } }] : []
}

function after(
  event: Exclude<ProcessEvent, { type: 'process.requested' }>,
  source: ProjectedFrom,
): Partial<ProcessRow> {
  switch (event.type) {
    case 'process.stopRequested':
      return { stopping: true }
    case 'process.started': {
      const { name, kind, command, ports, stream } = event.data
      return {
        status: 'running',
        name,
        command,
        ports,
        startedAt: source.at,
        ...(kind && { kind }),
        ...(stream && { stream }),
      }
    }
    case 'process.ended': {
      const { status, exitCode, message, durationMs, record } = event.data
      return {
        status,
        stopping: false,
        exitCode,
        durationMs,
        endedAt: source.at,
        ...(message && { message }),
        ...(record && { bytes: record.bytes, stream: record.stream }),
      }
    }
  }
}

/** How many tasks of a session run, after an event. */
export function tasksRunningAfter(event: SessionEvent, row: SessionRow, read: ReadRow): number {
  const before = row.tasksRunning ?? 0
  if (event.type === 'session.ended') return 0
  if (event.type === 'process.requested') return event.data.what === 'task' ? before + 1 : before
  if (event.type !== 'process.ended') return before
  const known = read('processes', event.data.runId)
  const counted = known?.what === 'task' && (known.status === 'pending' || known.status === 'running')
  return counted ? Math.max(0, before - 1) : before
}
