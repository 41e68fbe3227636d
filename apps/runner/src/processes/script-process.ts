import { stat } from 'node:fs/promises'
import path from 'node:path'
import { idIn, type WorkspaceTask } from '@coppice/events'
import { AgentProcess, type Launch } from '../agents/agent-process.ts'
import { checkWorktreePath } from '../git/worktree-path.ts'
import type { Worktree } from '../git/worktree.ts'
import type { Address, RunnerContext } from '../runner-context.ts'
import { inSandbox } from '../sandbox/in-sandbox.ts'
import type { OutputFile } from './output-file.ts'
import type { PortRange } from './port-ranges.ts'
import { sessionVariables, terminalVariables } from './process-environment.ts'

/** What a script needs to be started: made before the log is told that it starts. */
export type ReadyScript = { readonly launch: Launch; readonly folder: string; readonly ports: PortRange }

/**
 * Prepares a script for a session's worktree: its ports, the workspace's secrets, the sandbox.
 * @throws with words for a person where the worktree has no such folder
 */
export async function readyScript(
  context: RunnerContext,
  address: Address,
  worktree: Worktree,
  task: Pick<WorkspaceTask, 'script' | 'folder' | 'environment'>,
  more: Readonly<Record<string, string>> = {},
): Promise<ReadyScript> {
  const workspaceId = idIn(address.log)
  const { sessionId } = worktree
  const folder = await folderOf(worktree, task.folder)
  const { ports, variables } = await sessionVariables(context, sessionId)
  const own = Object.fromEntries(task.environment.map(({ name, value }) => [name, value]))
  const colour = { FORCE_COLOR: '1', CLICOLOR_FORCE: '1' }
  const given = { ...terminalVariables(context, workspaceId), ...colour, PORT: String(ports.first) }
  const launch = await inSandbox(context, { folder }, workspaceId, sessionId, {
    command: 'sh',
    // Both outputs in one pipe, so that they keep their order; nobody can answer a question.
    args: ['-c', `exec 2>&1 </dev/null\n${task.script}`],
    env: { ...given, ...own, ...variables, ...more },
  })
  return { launch, folder, ports }
}

/** How long what was printed last may take to arrive when all processes are gone. */
const lastWordsMs = 1_000

/** A script that runs: a process group of its own, which is ended as a whole. */
export class ScriptProcess {
  /** Settles when it and all its children are gone and what they printed is in the output. */
  readonly ended: Promise<{ readonly exitCode: number | null; readonly signal: string | null }>
  readonly #process: AgentProcess

  private constructor(process: AgentProcess, output: OutputFile) {
    this.#process = process
    this.ended = this.#end(output)
  }

  static async start(
    context: RunnerContext,
    runId: string,
    { launch, folder }: ReadyScript,
    output: OutputFile,
  ): Promise<ScriptProcess> {
    return new ScriptProcess(await AgentProcess.start(launch, { runId, cwd: folder, home: context.dataFolder }), output)
  }

  /** Ends it with its children; `ended` tells when. */
  stop(): void {
    void this.#process.end()
  }

  async #end(output: OutputFile): Promise<{ exitCode: number | null; signal: string | null }> {
    const { stdin, stdout, exited } = this.#process
    stdin.end()
    stdout.on('data', (chunk: Buffer) => output.take(chunk))
    const closed = new Promise<void>((resolve) => stdout.once('close', resolve))
    await exited
    // What it left in the background belongs to it, and holds the pipe open.
    const { exitCode, signal } = await this.#process.end()
    await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, lastWordsMs))])
    stdout.destroy()
    return { exitCode, signal }
  }
}

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
