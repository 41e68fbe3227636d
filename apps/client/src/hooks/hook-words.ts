import type { HookEvent, HookReport, HookRunOfRow, WorkspaceHook } from '@coppice/events'
import type { GlyphKind } from '../parts/status-glyph.tsx'

export const eventNames: Record<HookEvent, string> = {
  init: 'On Init',
  start: 'On Start',
  agent_finish: 'On Agent Finish',
  done: 'On Done',
  cancel: 'On Cancel',
}

export const eventHints: Record<HookEvent, string> = {
  init: 'When a session’s worktree has been made. The agent waits for them.',
  start: 'When a turn begins. The agent waits for them.',
  agent_finish: 'When a turn has ended well. In the background; messages go on.',
  done: 'At Complete, before the session is Done.',
  cancel: 'At Cancel, when the agent has stopped.',
}

export const reportNames: Record<HookReport, string> = {
  none: 'None',
  truncated: 'Truncated',
  full: 'Full',
  command: 'Command only',
}

export const runWords: Record<HookRunOfRow['status'], string> = {
  pending: 'Pending',
  running: 'Running',
  completed: 'Completed',
  failed: 'Failed',
}

export const runGlyphs: Record<HookRunOfRow['status'], GlyphKind> = {
  pending: 'pending',
  running: 'working',
  completed: 'done',
  failed: 'failed',
}

/** The status, with why where it failed for another reason than its exit code. */
export function statusOf({ status, reason, canceling, exitCode }: HookRunOfRow): string {
  if (canceling) return 'Canceling'
  if (status !== 'failed') return runWords[status]
  if (reason === 'canceled') return 'Failed · canceled'
  if (reason === 'not_run') return 'Failed · did not run'
  if (reason === 'timeout') return 'Failed · timed out'
  return typeof exitCode === 'number' ? `Failed · exit ${exitCode}` : 'Failed'
}

/** What a hook runs, on one line. */
export const workWords = ({ work }: WorkspaceHook): string =>
  work.kind === 'task' ? `Task ${work.task}` : (work.script.split('\n')[0] ?? '')
