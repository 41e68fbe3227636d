import type { SessionRow } from '@coppice/events'
import { asksToTrust } from '../setup/setup-actions.tsx'
import { glyphWords, type GlyphKind } from '../parts/status-glyph.tsx'

/** What a session's glyph shows: attention first, then its status. */
export function glyphOf(session: SessionRow): GlyphKind {
  if (waitingFor(session) > 0 || session.hold || asksToTrust(session)) return 'needs'
  if (isFailed(session)) return 'failed'
  switch (session.status) {
    case 'waiting':
      return session.ending !== 'none' || session.worktree === 'preparing' || session.worktree === 'restoring'
        ? 'pending'
        : 'waiting'
    case 'in_progress':
      return 'working'
    case 'done':
      return 'done'
    case 'canceled':
      return 'canceled'
  }
}

/** How many approvals, questions, plans and tickets wait for a person. A session that has ended asks for nothing. */
export const waitingFor = (session: SessionRow): number =>
  session.status === 'done' || session.status === 'canceled' ? 0 : session.pendingApprovals + (session.openActions ?? 0)

/** The last turn or the worktree failed, and nobody has gone on since. */
export const isFailed = (session: SessionRow): boolean =>
  session.status === 'waiting' &&
  (session.worktree === 'failed' || session.held === 'failed' || session.held === 'aborted')

/** The word that stands beside the glyph. */
export function glyphWord(session: SessionRow): string {
  const kind = glyphOf(session)
  if (kind !== 'pending') return glyphWords[kind]
  if (session.ending !== 'none' && session.hooking) return 'Running hooks'
  if (session.ending === 'done') return 'Completing'
  if (session.ending === 'canceled') return 'Canceling'
  return session.worktree === 'restoring' ? 'Restoring' : 'Preparing'
}

/** Whether somebody should look: it waits for an answer, or failed. */
export const needsSomebody = (session: SessionRow): boolean =>
  waitingFor(session) > 0 || session.hold !== undefined || asksToTrust(session) || isFailed(session)

/** Newest activity first. */
export const byActivity = (a: SessionRow, b: SessionRow): number =>
  b.updatedAt - a.updatedAt || (a.sessionId < b.sessionId ? 1 : -1)
