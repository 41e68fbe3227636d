import type { SessionState, WorkspaceState } from '@coppice/events'
import { putAside, takeUpFiles } from '../leases/hand-over-files.ts'
import { storeCheckpoint } from '../leases/stored-checkpoint.ts'
import type { Address, RunnerContext } from '../runner-context.ts'
import type { AgentKeeper } from '../turns/agent-keeper.ts'
import type { Causes } from './causes.ts'

/** What a change of hands needs of the session's reactor around it. */
type Around = {
  readonly context: RunnerContext
  readonly address: Address
  readonly sessionId: string
  readonly keeper: AgentKeeper
  readonly causes: Causes
  state(): SessionState
  /** Settles when no turn is at work here. */
  turnDone(): Promise<void>
  abortTurn(): void
  /** Runs a reaction unless it was begun before. */
  once(key: string, reaction: () => Promise<void>): void
  again(): void
}

/** A session that goes from one runner to another: given up here, taken up here, and kept ready to be taken (BE-8). */
export class ChangeOfHands {
  readonly #around: Around
  /** The change of hands whose files are here. */
  #takenUp = 0

  constructor(around: Around) {
    this.#around = around
  }

  /** Whether this runner has the session and not its files yet. */
  get waitsForFiles(): boolean {
    const { lease } = this.#around.state()
    return lease !== undefined && lease.epoch !== this.#takenUp
  }

  /** Another runner has the session: nothing of it goes on here, and what is here is kept out of the way. */
  yield(): void {
    const { context, sessionId, keeper, turnDone, abortTurn, once } = this.#around
    const epoch = this.#around.state().lease?.epoch ?? 0
    if (epoch === 0) return
    this.#takenUp = 0
    abortTurn()
    once(`yield:${epoch}`, async () => {
      await Promise.allSettled([turnDone()])
      await keeper.close()
      await context.locks.with(`session/${sessionId}`, 'another runner has the session', () =>
        putAside(context, sessionId, epoch),
      )
    })
  }

  /** This runner has taken the session over: its files come first, then what waits. */
  takeUp(workspace: WorkspaceState): void {
    const { context, address, sessionId, causes, once, again } = this.#around
    const epoch = this.#around.state().lease?.epoch ?? 0
    once(`takeUp:${epoch}`, async () => {
      const state = this.#around.state()
      // Of one that was never made, or that has been cleared away, there is nothing to take up.
      if (state.worktree !== 'preparing' && state.worktree !== 'failed' && state.worktree !== 'removed') {
        const cause = causes.latest
        // What is still put aside for an earlier change of hands is out of the way first.
        const files = context.locks.with(`session/${sessionId}`, 'taking the session over', () =>
          takeUpFiles(context, address, state, workspace, cause),
        )
        await files.catch((error: unknown) => {
          const message = `The session was taken over, but not its files: ${error instanceof Error ? error.message : String(error)}`
          const data = { code: 'take_over_failed', message: message.slice(0, 8_000) }
          return context.observe(address, 'worktree.failed', data, cause, `takeUp:${epoch}`)
        })
      }
      this.#takenUp = epoch
      again()
    })
  }

  /** Where others could take over, they need the newest checkpoint on the server. */
  store(): void {
    const { context, address, sessionId, causes, once } = this.#around
    const { lastCheckpointId, stored, worktree } = this.#around.state()
    if (lastCheckpointId === '' || stored?.checkpointId === lastCheckpointId || worktree !== 'ready') return
    once(`store:${lastCheckpointId}`, async () => {
      const at = await context.worktrees.find(sessionId)
      if (at) await storeCheckpoint(context, address, this.#around.state(), at, causes.latest)
    })
  }
}
