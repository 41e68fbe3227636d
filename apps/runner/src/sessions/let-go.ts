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

/**
 * A log was begun anew, as after a restore: what is at work in it was begun by events that may not be there any more. It ends
 * as with the process, and whatever the log says now is taken up as by a new one. Settles when all has ended.
 */
export async function endThoseOf(log: LogId, reactors: Reactors, say: (line: string) => void): Promise<void> {
  const gone = [...reactors].filter(([key]) => logOf(key) === log)
  for (const [key] of gone) reactors.delete(key)
  const closed = await Promise.allSettled(gone.map(([, reactor]) => reactor.close()))
  for (const one of closed) if (one.status === 'rejected') say(String(one.reason))
}

/** Logs that may no longer be read, because others serve them now: nothing of them goes on here; the files stay. */
export function leaveLogs(reactors: Reactors, logs: Pick<FollowedLogs, 'has'>, say: (line: string) => void): void {
  for (const [key, reactor] of reactors) {
    if (logs.has(logOf(key))) continue
    reactors.delete(key)
    reactor.close().catch((error: unknown) => say(String(error)))
  }
}
