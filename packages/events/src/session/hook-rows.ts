import type { HookRoundRow, HookRunOfRow } from '../rows/session-tables.ts'
import type { ProjectedFrom, ReadRow, RowChange, SessionRow } from '../rows/tables.ts'
import type { SessionEvent } from './events.ts'

type Data<T extends SessionEvent['type']> = Extract<SessionEvent, { type: T }>['data']

/** The round whose row an event changes; undefined where it changes none. */
export const hookRoundNamed = (event: SessionEvent): string | undefined =>
  event.type.startsWith('hook') && 'roundId' in event.data ? event.data.roundId : undefined

/** The row of a round of hooks after an event. */
export function hookChanges(event: SessionEvent, source: ProjectedFrom, read: ReadRow): readonly RowChange[] {
  if (event.type === 'hooks.begun')
    return [{ table: 'hookRounds', key: event.data.roundId, row: begun(event.data, source) }]
  const roundId = hookRoundNamed(event)
  const known = roundId === undefined ? undefined : read('hookRounds', roundId)
  if (!known) return []
  const row = after(event, known, source)
  return row === known ? [] : [{ table: 'hookRounds', key: known.roundId, row }]
}

function begun(
  { roundId, event, turnId, tree, runs, skipped }: Data<'hooks.begun'>,
  source: ProjectedFrom,
): HookRoundRow {
  return {
    roundId,
    sessionId: source.streamId,
    event,
    turnId: turnId ?? '',
    tree,
    open: true,
    at: source.at,
    runs: runs.map((run) => ({ ...run, status: 'pending', attempt: 0, attempts: 0 })),
    skipped,
  }
}

function after(event: SessionEvent, row: HookRoundRow, source: ProjectedFrom): HookRoundRow {
  const withRun = (runId: string, change: Partial<HookRunOfRow>): HookRoundRow => ({
    ...row,
    runs: row.runs.map((one) => (one.runId === runId ? { ...one, ...change } : one)),
  })
  switch (event.type) {
    case 'hook.cancelRequested':
      return withRun(event.data.runId, { canceling: true })
    case 'hook.started': {
      const { runId, attempt, attempts, command, stream } = event.data
      const first = row.runs.find((one) => one.runId === runId)?.startedAt ?? source.at
      return withRun(runId, { status: 'running', attempt, attempts, command, stream, startedAt: first })
    }
    case 'hook.ended': {
      const { runId, status, reason, exitCode, message, durationMs, record } = event.data
      return withRun(runId, {
        status,
        exitCode,
        durationMs,
        canceling: false,
        endedAt: source.at,
        ...(reason && { reason }),
        ...(message && { message }),
        ...(record && { bytes: record.bytes, stream: record.stream }),
      })
    }
    case 'hooks.finished':
      return { ...row, open: false, endedAt: source.at }
    default:
      return row
  }
}

/** What a session's own row says of its hooks after an event: those that run now. */
export function hooksRunningAfter(event: SessionEvent, row: SessionRow): SessionRow['hooking'] {
  if (event.type === 'hooks.begun') return event.data.runs.length > 0 ? event.data.event : undefined
  return event.type === 'hooks.finished' || event.type === 'session.ended' ? undefined : row.hooking
}
