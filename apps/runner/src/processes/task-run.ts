import { stat } from 'node:fs/promises'
import path from 'node:path'
import { idIn, type WorkspaceTask } from '@coppice/events'
import { AgentProcess } from '../agents/agent-process.ts'
import { checkWorktreePath } from '../git/worktree-path.ts'
import type { Worktree } from '../git/worktree.ts'
import type { Address, Cause, RunnerContext } from '../runner-context.ts'
import { inSandbox } from '../sandbox/in-sandbox.ts'
import { OutputFile, outputPath, outputStream, outputType } from './output-file.ts'
import { sessionVariables, terminalVariables } from './process-environment.ts'
import type { ProcessEnd, ProcessRun, StopReason } from './process-run.ts'

/** A run of a workspace task in a session's worktree: a process group of its own, its output in a stream (TR-1 to TR-3). */
export class TaskRun implements ProcessRun {
  readonly runId: string
  readonly ended: Promise<ProcessEnd>
  readonly #process: AgentProcess
  readonly #output: OutputFile
  #stopped: StopReason | undefined

  private constructor(runId: string, process: AgentProcess, output: OutputFile) {
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
    sessionId: string
    runId: string
    task: WorkspaceTask
    worktree: Worktree
    cause: Cause
  }): Promise<TaskRun | undefined> {
    const { context, address, sessionId, runId, task, worktree, cause } = parts
    const workspaceId = idIn(address.log)
    const folder = await folderOf(worktree, task.folder)
    const { ports, variables } = await sessionVariables(context, sessionId)
    const own = Object.fromEntries(task.environment.map(({ name, value }) => [name, value]))
    const colour = { FORCE_COLOR: '1', CLICOLOR_FORCE: '1' }
    const launch = await inSandbox(context, { folder }, workspaceId, sessionId, {
      command: 'sh',
      // Both outputs in one pipe, so that they keep their order; nobody can answer a question.
      args: ['-c', `exec 2>&1 </dev/null\n${task.script}`],
      env: { ...terminalVariables(context, workspaceId), ...colour, PORT: String(ports.first), ...own, ...variables },
    })
    const { name, kind, script } = task
    const stream = outputStream(runId)
    const told = await context.observe(
      address,
      'process.started',
      { runId, name, kind, command: context.redaction.text(script).slice(0, 8_000), ports, stream },
      cause,
      'started',
    )
    if (!told) return undefined
    const file = outputPath(context.dataFolder, runId)
    context.records.begin(file, `${workspaceId}/${stream}`, cause.correlationId, outputType)
    const output = new OutputFile(file, context.redaction, () => context.records.grown(file))
    try {
      const process = await AgentProcess.start(launch, { runId, cwd: folder, home: context.dataFolder })
      return new TaskRun(runId, process, output)
    } catch (error) {
      output.close()
      throw error
    }
  }

  stop(why: StopReason): void {
    this.#stopped ??= why
    void this.#process.end()
  }

  async #end(): Promise<ProcessEnd> {
    const { stdin, stdout, exited } = this.#process
    stdin.end()
    stdout.on('data', (chunk: Buffer) => this.#output.take(chunk))
    const closed = new Promise<void>((resolve) => stdout.once('close', resolve))
    await exited
    // What it left in the background belongs to it, and holds the pipe open.
    const { exitCode, signal } = await this.#process.end()
    await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, lastWordsMs))])
    stdout.destroy()
    const record = { stream: outputStream(this.runId), ...this.#output.close() }
    if (this.#stopped !== undefined) return { ...this.#stopped, exitCode, record }
    if (exitCode === 0) return { status: 'completed', exitCode, record }
    const message = signal ? `It was ended by ${signal}.` : `It ended with code ${String(exitCode)}.`
    return { status: 'failed', exitCode, message, record }
  }
}

/** How long what was printed last may take to arrive when all processes are gone. */
const lastWordsMs = 1_000

async function folderOf(worktree: Worktree, given: string): Promise<string> {
  if (given === '') return worktree.path
  const folder = path.join(worktree.path, await checkWorktreePath(worktree.path, given, 'follow'))
  const found = await stat(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
    throw error
  })
  if (!found?.isDirectory())
    throw new Error(`The worktree has no folder "${given}". Change the task's folder, or make it, and start again.`)
  return folder
}
