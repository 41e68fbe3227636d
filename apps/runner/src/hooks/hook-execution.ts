import { idIn } from '@coppice/events'
import type { HookEvent, HookRun, ObservationData, WorkspaceHook, WorkspaceState } from '@coppice/events'
import { derivedId } from '../derived-id.ts'
import type { Worktree } from '../git/worktree.ts'
import { outputPath, outputStream, type OutputFile } from '../processes/output-file.ts'
import { readyScript, ScriptProcess, type ReadyScript } from '../processes/script-process.ts'
import { howItEnded, openOutput } from '../processes/task-run.ts'
import type { Address, Cause, RunnerContext } from '../runner-context.ts'

/** How a hook came to its end. */
export type HookEnd = Omit<ObservationData<'hook.ended'>, 'roundId' | 'runId' | 'durationMs'>

type Parts = {
  readonly context: RunnerContext
  readonly address: Address
  readonly worktree: Worktree
  readonly roundId: string
  readonly event: HookEvent
  readonly run: HookRun
  readonly hook: WorkspaceHook
  readonly tasks: WorkspaceState['tasks']
  readonly cause: Cause
}

/**
 * Where the output of a hook is, or will be: one that an earlier process of the runner was at begins anew, and what that one wrote
 * stays as it is.
 */
export function outputIdOf({ runId, state, stream }: HookRun): string {
  if (stream === undefined) return runId
  return state === 'running' ? derivedId(runId, stream) : stream.slice(stream.lastIndexOf('/') + 1)
}

/** One hook of a round: its attempts one after the other, until one does well, all have failed, or it is stopped. */
export class HookExecution {
  readonly #parts: Parts
  readonly #outputId: string
  #process: ScriptProcess | undefined
  #stopped: string | undefined
  #left = false

  constructor(parts: Parts) {
    this.#parts = parts
    this.#outputId = outputIdOf(parts.run)
  }

  /** Ends it with all its children. @param why in words for a person; the first one counts */
  stop(why: string): void {
    this.#stopped ??= why
    this.#process?.stop()
  }

  /** Ends it as {@link stop} does, and nothing is told: it begins anew later. Settles when its processes are gone. */
  async leave(): Promise<void> {
    this.#left = true
    this.stop('It was left off.')
    await this.#process?.ended
  }

  /** @returns nothing where the log does not want it any more, or where it was left */
  async run(): Promise<HookEnd | undefined> {
    const { context, address, cause, worktree, event } = this.#parts
    let ready: ReadyScript
    try {
      ready = await readyScript(context, address, worktree, this.#work(), { COPPICE_HOOK: event })
    } catch (error) {
      return { status: 'failed', reason: 'could_not_start', exitCode: null, message: this.#wordsOf(error) }
    }
    const output = openOutput(context, idIn(address.log), this.#outputId, cause)
    const end = await this.#attempts(ready, output).catch((error: unknown): HookEnd => ({
      status: 'failed',
      reason: 'could_not_start',
      exitCode: null,
      message: this.#wordsOf(error),
    }))
    const record = { stream: outputStream(this.#outputId), ...output.close() }
    context.records.over(outputPath(context.dataFolder, this.#outputId))
    return end && !this.#left ? { ...end, record } : undefined
  }

  async #attempts(ready: ReadyScript, output: OutputFile): Promise<HookEnd | undefined> {
    const { hook } = this.#parts
    const attempts = hook.retries + 1
    for (let attempt = 1; ; attempt += 1) {
      if (!(await this.#tellStarted(attempt, attempts))) return undefined
      if (attempt > 1) output.take(Buffer.from(`\n[Attempt ${attempt} of ${attempts}]\n`))
      const end = await this.#attempt(ready, output)
      if (end.status === 'completed' || end.reason === 'canceled' || attempt >= attempts) return end
    }
  }

  #tellStarted(attempt: number, attempts: number): Promise<boolean> {
    const { context, address, roundId, run, cause } = this.#parts
    const command = context.redaction.text(this.#work().script).slice(0, 8_000)
    return context.observe(
      address,
      'hook.started',
      { roundId, runId: run.runId, attempt, attempts, command, stream: outputStream(this.#outputId) },
      cause,
      `hook:${this.#outputId}:${attempt}`,
    )
  }

  async #attempt(ready: ReadyScript, output: OutputFile): Promise<HookEnd> {
    const { context, hook } = this.#parts
    if (this.#stopped !== undefined) return canceled(this.#stopped, null)
    const process = await ScriptProcess.start(context, this.#outputId, ready, output)
    this.#process = process
    // It may have been stopped while it began.
    if (this.#stopped !== undefined) process.stop()
    let late = false
    const timer = setTimeout(() => {
      late = true
      process.stop()
    }, hook.timeoutSeconds * 1_000)
    const { exitCode, signal } = await process.ended
    clearTimeout(timer)
    this.#process = undefined
    if (this.#stopped !== undefined) return canceled(this.#stopped, exitCode)
    if (late) {
      const message = `It took longer than ${hook.timeoutSeconds} s, so it was ended with all its children.`
      return { status: 'failed', reason: 'timeout', exitCode, message }
    }
    if (exitCode === 0) return { status: 'completed', exitCode }
    return { status: 'failed', reason: 'exit', exitCode, message: howItEnded({ exitCode, signal }) }
  }

  /** What is run. @throws with words for a person where it names a task that is not there */
  #work(): Parameters<typeof readyScript>[3] {
    const { hook, tasks } = this.#parts
    const { work } = hook
    if (work.kind === 'script') return { script: work.script, folder: '', environment: [] }
    const task = tasks?.find((one) => one.name === work.task)
    if (task) return task
    throw new Error(`The workspace has no task "${work.task}". Make one of that name, or change the hook.`)
  }

  #wordsOf(error: unknown): string {
    const message = error instanceof Error ? error.message : String(error)
    return this.#parts.context.redaction.text(message).slice(0, 8_000)
  }
}

const canceled = (message: string, exitCode: number | null): HookEnd => ({
  status: 'failed',
  reason: 'canceled',
  exitCode,
  message,
})
