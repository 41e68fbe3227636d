import type { SessionState, WorkspaceState } from '@coppice/events'
import type { Address, RunnerContext } from '../runner-context.ts'
import type { Causes } from './causes.ts'
import { endSession, restoreSession, retireWorktree } from './end-session.ts'

const longestTimer = 2 ** 31 - 1

interface Parts {
  readonly context: RunnerContext
  readonly address: Address
  readonly sessionId: string
  readonly causes: Causes
  readonly state: () => SessionState
  /** Settles when nothing of the session runs any more. */
  readonly quiet: () => Promise<unknown>
  readonly once: (key: string, reaction: () => Promise<void>) => void
  readonly again: () => void
}

/** A session's end and its way back: Complete and Cancel, the worktree removed when it has been kept long enough, Restore. */
export class Ending {
  readonly #of: Parts
  #retiring: NodeJS.Timeout | undefined

  constructor(of: Parts) {
    this.#of = of
  }

  /** Its turn has ended. */
  end(): void {
    const { context, address, causes, state, quiet, once } = this.#of
    once(`end:${causes.ending.id}`, async () => {
      await quiet()
      await endSession(context, address, state(), causes.ending)
    })
  }

  /** Removes the worktree of a session that has ended, now or when its time has come. */
  retire(workspace: WorkspaceState): void {
    const { context, address, sessionId, causes, state, once, again } = this.#of
    const { worktree } = state()
    if (worktree !== 'ready' && worktree !== 'archived') return
    const cause = causes.ending
    const left = causes.endedAt + workspace.retentionMinutes * 60_000 - context.now()
    this.stay()
    if (left <= 0) once(`retire:${cause.id}`, () => retireWorktree(context, address, sessionId, cause))
    else this.#retiring = setTimeout(again, Math.min(left, longestTimer)).unref()
  }

  /** Nothing is removed by the clock any more. */
  stay(): void {
    clearTimeout(this.#retiring)
  }

  restore(): void {
    const { context, address, sessionId, causes, once } = this.#of
    const cause = causes.restoring
    once(`restore:${cause.id}`, () => restoreSession(context, address, sessionId, cause))
  }
}
