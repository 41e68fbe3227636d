import { asSession, asWorkspace, holderOf, needsRunner, runnersOf, WORKSPACE_STREAM } from '@coppice/events'
import type { LogId, StreamId, StreamState, WorkspaceState } from '@coppice/events'
import type { FollowedLogs } from '../connection/followed-logs.ts'
import { derivedId } from '../derived-id.ts'
import type { RunnerContext } from '../runner-context.ts'

/** A session that waits for a runner which is not there. */
type Forsaken = { readonly log: LogId; readonly stream: StreamId; readonly epoch: number }

/**
 * The sessions that this runner should ask for: something of them waits, and the runner that has them is not connected, or was
 * taken out of the workspace.
 * Whether it has been silent for long enough is the server's to say.
 */
function forsaken(
  runnerId: string,
  log: LogId,
  workspace: WorkspaceState,
  streams: Iterable<[StreamId, StreamState]>,
  online: ReadonlySet<string>,
): Forsaken[] {
  const serving = runnersOf(workspace)
  if (!serving.includes(runnerId)) return []
  const found: Forsaken[] = []
  for (const [stream, state] of streams) {
    if (!stream.startsWith('session/')) continue
    const session = asSession(state)
    const holder = holderOf(session, workspace.runnerId)
    // One that no longer serves the workspace has nothing of it, connected or not.
    const there = serving.includes(holder) && online.has(holder)
    if (holder === runnerId || there || !needsRunner(session)) continue
    found.push({ log, stream, epoch: (session.lease?.epoch ?? 0) + 1 })
  }
  return found
}

/** What asking needs of the runner. */
type Asking = Pick<RunnerContext, 'runnerId' | 'now' | 'push' | 'say'>

/** Asks for forsaken sessions, one question a session at a time. */
export class StandIn {
  readonly #context: Asking
  readonly #asking = new Set<string>()
  #tries = 0

  constructor(context: Asking) {
    this.#context = context
  }

  ask(logs: FollowedLogs, online: ReadonlySet<string>): void {
    for (const log of logs.logs) {
      const state = logs.caughtUp(log) ? logs.state(log, WORKSPACE_STREAM) : undefined
      if (state) this.#ask(forsaken(this.#context.runnerId, log, asWorkspace(state), logs.streams(log), online))
    }
  }

  #ask(sessions: readonly Forsaken[]): void {
    for (const { log, stream, epoch } of sessions) {
      if (this.#asking.has(stream)) continue
      this.#asking.add(stream)
      this.#tries += 1
      const { runnerId, now } = this.#context
      // Each try is a command of its own: what was refused stays refused.
      const id = derivedId(runnerId, stream, 'takeOver', String(epoch), String(now()), String(this.#tries))
      this.#context
        .push({ log, stream }, 'session.takeOver', { runnerId, epoch }, id, id)
        .then(() => this.#asking.delete(stream))
        .catch((error: unknown) => this.#context.say(String(error)))
    }
  }
}
