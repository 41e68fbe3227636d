import type { SessionEvent } from '../session/events.ts'

/** How the tests of a session's rules begin: it is there, */
export const created: SessionEvent = {
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
    stepMode: 'auto',
  },
}

/** and its worktree is ready. */
export const ready: SessionEvent = {
  type: 'worktree.ready',
  data: { branch: 'b', baseCommit: 'c', path: '/p', durationMs: 1 },
}
