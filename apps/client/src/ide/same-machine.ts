import type { SessionRow } from '@coppice/events'
import { createResource, type Accessor } from 'solid-js'
import { runnerOf } from '../runners/held-sessions.ts'
import { askMe } from '../settings/http.ts'
import { useReplica } from '../sync/replica-context.tsx'

const HERE = ['localhost', '127.0.0.1', '[::1]']

/**
 * Whether a session's worktree is on the machine that this page is looked at on: the server is reached at this machine's own
 * address, and the session's runner has the server's host name. Off line nothing is known of that: then it is not.
 */
export function useSameMachine(session: Accessor<SessionRow>): Accessor<boolean> {
  const { table } = useReplica()
  const [runners, workspaces] = [table('runners'), table('workspaces')]
  const [me] = createResource(() => HERE.includes(location.hostname), askMe)
  return () => {
    const answer = me()
    const runner = runners().get(runnerOf(session(), workspaces().get(session().workspaceId)))
    return answer?.ok === true && answer.data.host !== undefined && runner?.host === answer.data.host
  }
}
