import { atLeast, workspaceLog } from '@coppice/events'
import type { Directory } from '../access/directory.ts'
import type { Principal } from '../principal.ts'

/** Streams under this are the record of an agent's run: only the workspace's runner writes them. */
export const RUNS = 'runs/'
/** Streams under this are the output of tasks: its runner's, too. */
const TASKS = 'tasks/'

/** What somebody may do with a stream: a stranger may not even learn that there is one. */
export type StreamRight = 'none' | 'read' | 'write'

/** Members of the workspace read; its runner writes; its admins write too, but not what is the runner's (AC-2). */
export function streamRight(
  directory: Directory,
  principal: Principal,
  workspaceId: string,
  name: string,
): StreamRight {
  const log = workspaceLog(workspaceId)
  if (!directory.isWorkspace(log) || !directory.mayRead(principal, log)) return 'none'
  if (principal.kind === 'runner') return 'write'
  const role = directory.roleIn(principal, log)
  return role !== undefined && atLeast(role, 'admin') && !name.startsWith(RUNS) && !name.startsWith(TASKS)
    ? 'write'
    : 'read'
}
