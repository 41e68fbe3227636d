import { workspaceLog, type SessionRow } from '@coppice/events'
import type { QueryAnswer } from '@coppice/protocol'
import { createResource, type Accessor } from 'solid-js'
import { failureOf } from '../git/no-answer.tsx'
import { useReplica } from '../sync/replica-context.tsx'

type DiffFile = Extract<QueryAnswer<'git.diff'>, { ok: true }>['files'][number]

/** What one session changed in one file since the branch point, asked of the runner. */
export interface FileDiff {
  readonly file: Accessor<DiffFile | undefined>
  /** Why it is not known, if so. */
  readonly failure: Accessor<string | undefined>
  readonly asking: Accessor<boolean>
}

/** Asked again with each new checkpoint. A session that gave its worktree up cannot be asked. */
export function useFileDiff(session: Accessor<SessionRow>, path: Accessor<string>): FileDiff {
  const { replica } = useReplica()
  const [answer] = createResource(
    () => {
      const { workspaceId, sessionId, checkpointId, worktree } = session()
      return worktree === 'ready' && { log: workspaceLog(workspaceId), sessionId, checkpointId, path: path() }
    },
    ({ log, sessionId, path: one }) => replica.query(log, { kind: 'git.diff', sessionId, against: 'base', path: one }),
  )
  return {
    file: () => (answer.latest?.ok === true ? answer.latest.files.find((one) => one.path === path()) : undefined),
    failure: () =>
      session().worktree === 'ready'
        ? failureOf(answer.latest)
        : 'It has no worktree now. Restore the session to see its lines.',
    asking: () => answer.loading && answer.latest === undefined,
  }
}
