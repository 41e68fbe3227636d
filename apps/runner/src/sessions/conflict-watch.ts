import { asSession, holderOf, isTerminal, LIMITS } from '@coppice/events'
import type { LogId, RecordedEvent, SessionConflict, SessionState, StreamId, StreamState } from '@coppice/events'
import { GitFailure } from '../git/git.ts'
import type { Repository } from '../git/repository.ts'
import { trialMerge } from '../git/trial-merge.ts'
import { borrowCheckpoint } from '../leases/stored-checkpoint.ts'
import type { Cause, RunnerContext } from '../runner-context.ts'
import { refresh } from './repositories.ts'

type Streams = () => Iterable<[StreamId, StreamState]>

const looksAgain: readonly string[] = ['checkpoint.created', 'session.ended', 'worktree.restored', 'worktree.ready']
/** Of a session that another runner has: its files are where its newest checkpoint on the server has them. */
const looksAgainElsewhere: readonly string[] = ['checkpoint.stored', 'session.ended', 'worktree.restored']

/** A session among the others, and whether this runner has it. */
type Beside = { readonly at: StreamId; readonly state: SessionState; readonly own: boolean }

/**
 * Sees conflicts between open sessions of one workspace before they hurt (BE-13): after each checkpoint a trial merge against
 * the newest checkpoints of the others. Both sides are told, and told again when it is gone. Each runner tells of its own
 * sessions only; what others have it gets from the server, where they keep each checkpoint.
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
    if (!event.stream.startsWith('session/')) return
    if (![...looksAgain, ...looksAgainElsewhere].includes(event.type)) return
    const cause = { id: event.id, correlationId: event.correlationId }
    // One after the other: what one look found the next one builds on.
    this.#work = this.#work
      .then(() => this.#look(event, ownRunner, streams, cause))
      .catch((error: unknown) => this.#context.say(`A trial merge failed: ${String(error)}`))
  }

  async #look({ log, stream, type }: RecordedEvent, ownRunner: string, streams: Streams, cause: Cause): Promise<void> {
    const all = [...streams()].flatMap(([at, state]): Beside[] => {
      if (!at.startsWith('session/')) return []
      const session = asSession(state)
      return [{ at, state: session, own: holderOf(session, ownRunner) === this.#context.runnerId }]
    })
    const mine = all.find(({ at }) => at === stream)
    if (!mine || !(mine.own ? looksAgain : looksAgainElsewhere).includes(type)) return
    const others = all.filter((one) => one.at !== stream && (one.own || (mine.own && isOpen(one.state))))
    const found: SessionConflict[] = []
    for (const other of others.slice(-LIMITS.conflictTrials)) {
      const files = await this.#trial(log, mine, other)
      if (files.length > 0) found.push({ sessionId: other.state.sessionId, files })
      if (!other.own) continue
      const before = this.#known(other.at, other.state)
      const rest = before.filter(({ sessionId }) => sessionId !== mine.state.sessionId)
      const now = files.length > 0 ? [...rest, { sessionId: mine.state.sessionId, files }] : rest
      this.#tell(log, other.at, before, now, cause)
    }
    if (mine.own) this.#tell(log, stream, this.#known(stream, mine.state), found, cause)
  }

  async #trial(log: LogId, mine: Beside, other: Beside): Promise<string[]> {
    if (!canMeet(mine.state, other.state)) return []
    const worktree = await this.#context.worktrees.find((mine.own ? mine : other).state.sessionId)
    if (!worktree) return []
    const { repository } = worktree
    const [one, two] = await Promise.all([mine, other].map((beside) => this.#commit(log, beside, repository)))
    if (one === undefined || two === undefined) return []
    const files = await trialMerge(repository.home, one, two)
    return files.slice(0, LIMITS.conflictFiles)
  }

  /** What a session's files were at its newest checkpoint; of another runner's, as far as it can be had here. */
  async #commit(log: LogId, { at, state, own }: Beside, repository: Repository): Promise<string | undefined> {
    if (own) return state.lastCheckpointCommit
    const address = { log, stream: at }
    const borrow = (): Promise<string | undefined> => borrowCheckpoint(this.#context, address, state, repository)
    try {
      return await borrow()
    } catch (error) {
      if (!(error instanceof GitFailure)) throw error
      // It may build on commits that were not fetched here yet.
      await this.#context.locks.with(`repository/${repository.gitDir}`, 'a trial merge', () => refresh(repository))
      return borrow()
    }
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
