import { spawn } from 'node:child_process'
import type { ChildProcessByStdio } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { passedEnvironment } from '../passed-environment.ts'
import { toBackground } from '../processes/background.ts'
import { AgentFailure } from './failure.ts'
import { endMarked, homeMarker, processesMarked, runMarker, signalQuietly, trafficOf } from './process-sweep.ts'

/** How an agent is started. */
export type Launch = {
  readonly command: string
  readonly args: readonly string[]
  /** Added to the runner's own environment, which is passed on without Coppice's secrets. */
  readonly env: Readonly<Record<string, string>>
}

/** How an agent process ended. */
export type ProcessExit = {
  readonly exitCode: number | null
  readonly signal: string | null
  readonly groupGone: boolean
}

const termGraceMs = 3_000
/** More than is ever told: what its beginning cuts in two is not among that. */
const keptStderr = 16_000

/** One agent process, in a process group of its own, which is ended as a whole. */
export class AgentProcess {
  readonly runId: string
  readonly stdin: Writable
  readonly stdout: Readable
  /** Settles when the process itself has ended; its group may still have members until {@link end}. */
  readonly exited: Promise<{ exitCode: number | null; signal: string | null }>
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>
  #stderr = ''
  #ending: Promise<ProcessExit> | undefined

  private constructor(runId: string, child: ChildProcessByStdio<Writable, Readable, Readable>) {
    this.runId = runId
    this.#child = child
    this.stdin = child.stdin
    this.stdout = child.stdout
    // A write to an agent that has just gone is reported by its exit; here only the pipe is let go.
    child.stdin.on('error', () => child.stdin.destroy())
    child.stderr.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString('utf8')).slice(-keptStderr)
    })
    this.exited = new Promise((resolve) => {
      child.on('exit', (exitCode, signal) => resolve({ exitCode, signal }))
    })
  }

  /**
   * Starts an agent.
   * @throws {AgentFailure} `not_installed` where the command is not there or may not be run.
   */
  static async start(launch: Launch, options: { runId: string; cwd: string; home: string }): Promise<AgentProcess> {
    const child = spawn(launch.command, launch.args, {
      cwd: options.cwd,
      env: { ...passedEnvironment(process.env), ...launch.env, [runMarker]: options.runId, [homeMarker]: options.home },
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    })
    // At once: its threads take over what it has when they are made.
    toBackground(child.pid)
    const started = new AgentProcess(options.runId, child)
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve)
      child.once('error', (error) =>
        reject(new AgentFailure('not_installed', `${launch.command} could not be started: ${error.message}.`)),
      )
    })
    return started
  }

  /** The end of what it printed on its standard error. */
  get stderr(): string {
    return this.#stderr.trim()
  }

  /** Bytes that children of the agent have read and written so far: it grows while one of them prints. Only Linux can say. */
  async childrenTraffic(): Promise<number> {
    const pids = await processesMarked(runMarker, this.runId)
    const each = pids.filter((pid) => pid !== this.#child.pid).map((pid) => trafficOf(pid))
    return (await Promise.all(each)).reduce((sum, bytes) => sum + bytes, 0)
  }

  /** Ends the process, its group, and children that left the group. Asks first, then kills. Again: the same answer. */
  end(): Promise<ProcessExit> {
    this.#ending ??= this.#end()
    return this.#ending
  }

  async #end(): Promise<ProcessExit> {
    const { pid } = this.#child
    if (pid !== undefined) signalQuietly(-pid, 'SIGTERM')
    const strays = endMarked(runMarker, this.runId, termGraceMs)
    if (pid !== undefined) {
      const killing = setTimeout(() => signalQuietly(-pid, 'SIGKILL'), termGraceMs)
      await this.exited
      clearTimeout(killing)
      signalQuietly(-pid, 'SIGKILL')
    }
    const groupGone = (await strays) && (await processesMarked(runMarker, this.runId)).length === 0
    const { exitCode, signal } = await this.exited
    return { exitCode, signal, groupGone }
  }
}
