import { groupStream, newId, workspaceLog, type GitOperation, type GroupRow, type SessionRow } from '@coppice/events'
import type { Replica } from '@coppice/replica'
import { toast } from '../parts/toasts.tsx'
import { send, sendToSession } from '../sync/commands.ts'

/** What becomes of the one that is kept, and of the others. */
export interface Keeping {
  readonly merge: 'none' | 'merge' | 'squash'
  readonly others: 'done' | 'canceled' | 'open'
}

/** Says which session of a group is kept, and asks for what follows: each is a wish of its own in the log of that session. */
export async function keep(
  replica: Replica,
  group: GroupRow,
  session: SessionRow,
  others: readonly SessionRow[],
  { merge, others: outcome }: Keeping,
): Promise<void> {
  const address = { log: workspaceLog(group.workspaceId), stream: groupStream(group.groupId) }
  const choice = { sessionId: session.sessionId, instead: group.chosen }
  if (group.chosen !== session.sessionId && !(await send(replica, address, 'group.choose', choice))) return
  if (outcome !== 'open') for (const one of others) await sendToSession(replica, one, 'session.end', { outcome })
  if (merge !== 'none') await mergeAll(replica, session, merge)
}

/** What is not committed yet is committed first: a merge takes commits only. */
async function mergeAll(replica: Replica, session: SessionRow, strategy: 'merge' | 'squash'): Promise<void> {
  const { sessionId, workspaceId } = session
  const status = await replica.query(workspaceLog(workspaceId), { kind: 'git.status', sessionId })
  if (!status.ok) {
    toast(`It is kept, but was not merged: ${status.message} Merge it in its Git tab.`, { bad: true })
    return
  }
  const name = replica.rows('users').get(replica.userId)?.name ?? 'Coppice user'
  const author = { name, email: `${replica.userId}@users.coppice.local` }
  const operations: readonly GitOperation[] = [
    ...(status.files.length > 0
      ? [
          { kind: 'stage' as const, paths: [] },
          { kind: 'commit' as const, message: session.name, author },
        ]
      : []),
    { kind: 'merge', strategy },
  ]
  for (const operation of operations)
    await sendToSession(replica, session, 'git.request', { operationId: newId(), operation })
}
