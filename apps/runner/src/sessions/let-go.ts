import { runnersOf, type LogId, type WorkspaceState } from '@coppice/events'
import type { FollowedLogs } from '../connection/followed-logs.ts'
import type { SessionReactor } from './session-reactor.ts'

/** Reactors by log and stream, with a space between. */
type Reactors = Map<string, SessionReactor>

const logOf = (key: string): LogId => key.slice(0, key.indexOf(' ')) as LogId

/** Cut off for so long that another runner may begin: the agents of what it could take over end. */
export function letGoOfShared(reactors: Reactors, workspaceOf: (log: LogId) => WorkspaceState | undefined): void {
  for (const [key, reactor] of reactors) {
    const workspace = workspaceOf(logOf(key))
    if (workspace && runnersOf(workspace).length > 1) reactor.letGo()
  }
}

/** Logs that may no longer be read, because others serve them now: nothing of them goes on here; the files stay. */
export function leaveLogs(reactors: Reactors, logs: Pick<FollowedLogs, 'has'>, say: (line: string) => void): void {
  for (const [key, reactor] of reactors) {
    if (logs.has(logOf(key))) continue
    reactors.delete(key)
    reactor.close().catch((error: unknown) => say(String(error)))
  }
}
