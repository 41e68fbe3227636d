import type { RunningProcess, SessionState, WorkspaceState } from '@coppice/events'
import { digestOf } from '../turns/transcript.ts'
import type { Address, Cause, RunnerContext } from '../runner-context.ts'
import type { LiveFeed } from '../turns/live-feed.ts'
import { outputPath, outputStream } from './output-file.ts'
import type { ProcessEnd, ProcessRun, StopReason } from './process-run.ts'
import { TaskRun } from './task-run.ts'
import { TerminalRun } from './terminal-run.ts'

const failed = (message: string): StopReason => ({ status: 'failed', message })
const wasRestarted = failed('The runner was restarted while this ran, and it was ended with it. Start it again.')
const goesDown = failed('The runner was stopped while this ran. Start it again when the runner is back.')
const byPerson: StopReason = { status: 'canceled', message: 'It was stopped.' }

/** The session is over. */
export const withSession: StopReason = { status: 'canceled', message: 'It was ended with the session.' }
/** What runs here may not go on. */
export const elsewhere = failed('Another runner may have the session now; what ran here was ended.')

/** Starts and ends what people run in one session's worktree: tasks and terminals. */
export class ProcessReactor {
  readonly #context: RunnerContext
  readonly #address: Address
  readonly #sessionId: string
  readonly #feed: LiveFeed
  readonly #state: () => SessionState
  readonly #workspace: () => WorkspaceState | undefined
  readonly #taken = new Map<string, Promise<void>>()
  readonly #runs = new Map<string, ProcessRun>()
  /** Why none may begin now. */
  #ending: StopReason | undefined

  constructor(parts: {
    context: RunnerContext
    address: Address
    sessionId: string
    feed: LiveFeed
    state: () => SessionState
    workspace: () => WorkspaceState | undefined
  }) {
    this.#context = parts.context
    this.#address = parts.address
    this.#sessionId = parts.sessionId
    this.#feed = parts.feed
    this.#state = parts.state
    this.#workspace = parts.workspace
  }

  /** Begins what waits, ends what is to end, and tells of what an earlier process of the runner left behind. */
  reconcile(causeOf: (runId: string) => Cause): void {
    for (const process of this.#state().processes ?? []) {
      const { runId, stop } = process
      if (stop) this.#runs.get(runId)?.stop(byPerson)
      if (this.#taken.has(runId)) continue
      const cause = causeOf(runId)
      const work = this.#run(process, cause).catch((error: unknown) => this.#failed(runId, error, cause))
      this.#taken.set(runId, work)
    }
  }

  /** A terminal that is open here. @throws with words for a person where it is not */
  terminal(runId: string): TerminalRun {
    const run = this.#runs.get(runId)
    if (run instanceof TerminalRun) return run
    throw new Error('This terminal has ended, or is not open yet.')
  }

  /** Ends all that runs; settles when that is told. */
  async endAll(why: StopReason): Promise<void> {
    this.#ending = why
    for (const run of this.#runs.values()) run.stop(why)
    await Promise.allSettled(this.#taken.values())
    this.#ending = undefined
  }

  /** The runner goes down. */
  close(): Promise<void> {
    return this.endAll(goesDown)
  }

  async #run(process: RunningProcess, cause: Cause): Promise<void> {
    const { runId, started, stop } = process
    if (started) return this.#ended(runId, { ...wasRestarted, exitCode: null, ...this.#left(runId) }, 0, cause)
    const unwanted = stop ? byPerson : (this.#ending ?? (this.#state().ending === 'none' ? undefined : withSession))
    if (unwanted) return this.#ended(runId, { ...unwanted, exitCode: null }, 0, cause)
    const run = await this.#start(process, cause)
    if (!run) return
    const startedAt = performance.now()
    this.#runs.set(runId, run)
    // It may have been asked to end while it began.
    if (this.#ending) run.stop(this.#ending)
    else if (this.#state().processes?.find((one) => one.runId === runId)?.stop) run.stop(byPerson)
    const end = await run.ended
    this.#runs.delete(runId)
    this.#feed.worktreeChanged()
    await this.#ended(runId, end, Math.round(performance.now() - startedAt), cause)
  }

  async #start(process: RunningProcess, cause: Cause): Promise<ProcessRun | undefined> {
    const context = this.#context
    const worktree = await context.worktrees.find(this.#sessionId)
    if (!worktree) throw new Error('This runner has no worktree of that session.')
    const { runId } = process
    const [address, sessionId] = [this.#address, this.#sessionId]
    if (process.what === 'terminal') {
      if (this.#workspace()?.terminals === false)
        throw new Error('Terminals are switched off in this workspace. An admin can allow them in its settings.')
      return TerminalRun.start({ context, address, sessionId, runId, worktree, cause })
    }
    const task = this.#workspace()?.tasks?.find((one) => one.taskId === process.taskId)
    if (!task) throw new Error('The workspace has no such task any more.')
    return TaskRun.start({ context, address, runId, task, worktree, cause })
  }

  /** What an earlier process wrote of a task's output: that is on its way to the stream. */
  #left(runId: string): Pick<ProcessEnd, 'record'> {
    const digest = digestOf(outputPath(this.#context.dataFolder, runId))
    return digest ? { record: { stream: outputStream(runId), ...digest } } : {}
  }

  async #failed(runId: string, error: unknown, cause: Cause): Promise<void> {
    this.#runs.delete(runId)
    const message = error instanceof Error ? error.message : String(error)
    await this.#ended(runId, { status: 'failed', exitCode: null, message }, 0, cause)
  }

  async #ended(runId: string, end: ProcessEnd, durationMs: number, cause: Cause): Promise<void> {
    const { message, ...rest } = end
    const words = message && { message: this.#context.redaction.text(message).slice(0, 8_000) }
    this.#context.records.over(outputPath(this.#context.dataFolder, runId))
    // Told to the spool at once: a runner that goes down does not wait for the server.
    void this.#context.observe(this.#address, 'process.ended', { runId, durationMs, ...rest, ...words }, cause, 'ended')
  }
}
