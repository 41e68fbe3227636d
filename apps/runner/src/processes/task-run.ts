import { idIn, type WorkspaceTask } from '@coppice/events'
import type { Worktree } from '../git/worktree.ts'
import type { Address, Cause, RunnerContext } from '../runner-context.ts'
import { OutputFile, outputPath, outputStream, outputType } from './output-file.ts'
import type { ProcessEnd, ProcessRun, StopReason } from './process-run.ts'
import { readyScript, ScriptProcess } from './script-process.ts'

/** A run of a workspace task in a session's worktree: a process group of its own, its output in a stream (TR-1 to TR-3). */
export class TaskRun implements ProcessRun {
  readonly runId: string
  readonly ended: Promise<ProcessEnd>
  readonly #process: ScriptProcess
  readonly #output: OutputFile
  #stopped: StopReason | undefined

  private constructor(runId: string, process: ScriptProcess, output: OutputFile) {
    this.runId = runId
    this.#process = process
    this.#output = output
    this.ended = this.#end()
  }

  /**
   * Tells that the task starts, then starts it.
   * @returns nothing where the log does not want it any more
   * @throws where it cannot be started; the message is for a person
   */
  static async start(parts: {
    context: RunnerContext
    address: Address
    runId: string
    task: WorkspaceTask
    worktree: Worktree
    cause: Cause
  }): Promise<TaskRun | undefined> {
    const { context, address, runId, task, worktree, cause } = parts
    const ready = await readyScript(context, address, worktree, task)
    const { name, kind, script } = task
    const stream = outputStream(runId)
    const command = context.redaction.text(script).slice(0, 8_000)
    const told = await context.observe(
      address,
      'process.started',
      { runId, name, kind, command, ports: ready.ports, stream },
      cause,
      'started',
    )
    if (!told) return undefined
    const output = openOutput(context, idIn(address.log), runId, cause)
    try {
      return new TaskRun(runId, await ScriptProcess.start(context, runId, ready, output), output)
    } catch (error) {
      output.close()
      throw error
    }
  }

  stop(why: StopReason): void {
    this.#stopped ??= why
    this.#process.stop()
  }

  async #end(): Promise<ProcessEnd> {
    const { exitCode, signal } = await this.#process.ended
    const record = { stream: outputStream(this.runId), ...this.#output.close() }
    if (this.#stopped !== undefined) return { ...this.#stopped, exitCode, record }
    if (exitCode === 0) return { status: 'completed', exitCode, record }
    return { status: 'failed', exitCode, message: howItEnded({ exitCode, signal }), record }
  }
}

/** A run's output on the disk, on its way to the workspace's stream of it. */
export function openOutput(context: RunnerContext, workspaceId: string, runId: string, cause: Cause): OutputFile {
  const file = outputPath(context.dataFolder, runId)
  context.records.begin(file, `${workspaceId}/${outputStream(runId)}`, cause.correlationId, outputType)
  return new OutputFile(file, context.redaction, () => context.records.grown(file))
}

export const howItEnded = (end: { readonly exitCode: number | null; readonly signal: string | null }): string =>
  end.signal ? `It was ended by ${end.signal}.` : `It ended with code ${String(end.exitCode)}.`
