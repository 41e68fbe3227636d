import { asSession, holderOf, isTerminal, LIMITS } from '@coppice/events'
import type { LogId, RecordedEvent, SessionConflict, SessionState, StreamId, StreamState } from '@coppice/events'
import { trialMerge } from '../git/trial-merge.ts'
import type { Cause, RunnerContext } from '../runner-context.ts'

type Streams = () => Iterable<[StreamId, StreamState]>

const looksAgain: readonly string[] = ['checkpoint.created', 'session.ended', 'worktree.restored', 'worktree.ready']

/**
 * Sees conflicts between open sessions of one repository before they hurt (BE-13): after each checkpoint a trial merge against
 * the newest checkpoints of the others. Both sides are told, and told again when it is gone.
 */
export class ConflictWatch {
  readonly #context: RunnerContext
  /** What was told and may not be in the log yet. */
  readonly #told = new Map<StreamId, readonly SessionConflict[]>()
  #work: Promise<void> = Promise.resolve()

  constructor(context: RunnerContext) {
    this.#context = context
  }

  /** Something happened in a session. @param ownRunner the workspace's own */
  event(event: RecordedEvent, ownRunner: string, streams: Streams): void {
    if (!looksAgain.includes(event.type) || !event.stream.startsWith('session/')) return
    const cause = { id: event.id, correlationId: event.correlationId }
    // One after the other: what one look found the next one builds on.
    this.#work = this.#work
      .then(() => this.#look(event.log, event.stream, ownRunner, streams, cause))
      .catch((error: unknown) => this.#context.say(`A trial merge failed: ${String(error)}`))
  }

  async #look(log: LogId, stream: StreamId, ownRunner: string, streams: Streams, cause: Cause): Promise<void> {
    const all = [...streams()].flatMap(([at, state]): [StreamId, SessionState][] =>
      at.startsWith('session/') ? [[at, asSession(state)]] : [],
    )
    const mine = all.find(([at]) => at === stream)?.[1]
    const worktree = mine && (await this.#context.worktrees.find(mine.sessionId))
    if (!mine || !worktree) return
    const others = all
      .filter(([at, state]) => at !== stream && holderOf(state, ownRunner) === this.#context.runnerId)
      .slice(-LIMITS.conflictTrials)
    const found: SessionConflict[] = []
    for (const [at, other] of others) {
      const files = canMeet(mine, other) ? await this.#trial(worktree.repository.home, mine, other) : []
      if (files.length > 0) found.push({ sessionId: other.sessionId, files })
      const before = this.#known(at, other)
      const rest = before.filter(({ sessionId }) => sessionId !== mine.sessionId)
      const now = files.length > 0 ? [...rest, { sessionId: mine.sessionId, files }] : rest
      this.#tell(log, at, before, now, cause)
    }
    this.#tell(log, stream, this.#known(stream, mine), found, cause)
  }

  async #trial(home: string, mine: SessionState, other: SessionState): Promise<string[]> {
    const files = await trialMerge(home, mine.lastCheckpointCommit, other.lastCheckpointCommit)
    return files.slice(0, LIMITS.conflictFiles)
  }

  #known(stream: StreamId, state: SessionState): readonly SessionConflict[] {
    return this.#told.get(stream) ?? state.conflicts ?? []
  }

  #tell(
    log: LogId,
    stream: StreamId,
    before: readonly SessionConflict[],
    found: readonly SessionConflict[],
    cause: Cause,
  ): void {
    const now = found.slice(-LIMITS.conflictSessions).toSorted((a, b) => (a.sessionId < b.sessionId ? -1 : 1))
    if (JSON.stringify(before) === JSON.stringify(now)) return
    this.#told.set(stream, now)
    void this.#context.observe({ log, stream }, 'conflicts.found', { with: [...now] }, cause, `conflicts:${stream}`)
  }
}

/** Tries of one prompt are meant to differ, and one of them is kept. */
const canMeet = (mine: SessionState, other: SessionState): boolean =>
  isOpen(mine) && isOpen(other) && (mine.groupId === undefined || mine.groupId !== other.groupId)

const isOpen = (state: SessionState): boolean =>
  state.exists && !isTerminal(state) && state.ending === 'none' && state.lastCheckpointCommit !== ''
