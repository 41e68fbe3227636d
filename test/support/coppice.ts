import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { killHard, ofProcess } from './processes.ts'

const COMMAND = new URL('../../apps/terminal/src/coppice.ts', import.meta.url).pathname

export interface StartOptions {
  readonly repo?: string
  readonly data?: string
  readonly port?: number
  readonly env?: Record<string, string>
  /** Called when it has stopped. */
  readonly stopped?: (() => Promise<void>) | undefined
}

/** A whole Coppice, started as a person starts it: server and runner as processes of their own. */
export class RunningCoppice {
  readonly url: string
  readonly link: string
  readonly ownerToken: string
  readonly data: string
  /** Everything it said on standard error so far. */
  readonly said: readonly string[]
  readonly #process: ChildProcess
  readonly #stopped: (() => Promise<void>) | undefined

  private constructor(
    process: ChildProcess,
    ready: { url: string; link: string; ownerToken: string },
    data: string,
    said: readonly string[],
    stopped: (() => Promise<void>) | undefined,
  ) {
    this.#process = process
    this.#stopped = stopped
    this.url = ready.url
    this.link = ready.link
    this.ownerToken = ready.ownerToken
    this.data = data
    this.said = said
  }

  static async start(options: StartOptions = {}): Promise<RunningCoppice> {
    const data = options.data ?? (await mkdtemp(join(tmpdir(), 'coppice-test-')))
    const args = [
      COMMAND,
      'up',
      '--json',
      '--port',
      String(options.port ?? 0),
      '--data',
      data,
      ...(options.repo ? ['--repo', options.repo] : []),
    ]
    const child = spawn(process.execPath, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...options.env },
    })
    const said: string[] = []
    createInterface({ input: child.stderr }).on('line', (line) => said.push(line))
    const line = await Promise.race([
      once(createInterface({ input: child.stdout }), 'line').then(([text]) => String(text)),
      once(child, 'exit').then(([code]) => {
        throw new Error(`coppice up ended with exit code ${String(code)}:\n${said.join('\n')}`)
      }),
    ])
    return new RunningCoppice(
      child,
      JSON.parse(line) as { url: string; link: string; ownerToken: string },
      data,
      said,
      options.stopped,
    )
  }

  /** Process ids of a part: the server or the runner. */
  async pidsOf(part: 'sync' | 'runner'): Promise<readonly number[]> {
    const pids: number[] = []
    for (const name of await readdir('/proc')) {
      const pid = Number(name)
      if (!Number.isInteger(pid)) continue
      const [stat, command] = await Promise.all([ofProcess(pid, 'stat'), ofProcess(pid, 'cmdline')])
      if (!stat || !command) continue
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
      if (parent === this.#process.pid && command.includes(`apps/${part}/src/main.ts`)) pids.push(pid)
    }
    return pids
  }

  /** Kills a part the hard way; `coppice up` starts it again by itself. */
  async kill(part: 'sync' | 'runner'): Promise<void> {
    for (const pid of await this.pidsOf(part)) killHard(pid)
  }

  async stop(options: { keepData?: boolean } = {}): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const gone = once(this.#process, 'exit')
      this.#process.kill('SIGTERM')
      await gone
      await this.#stopped?.()
    }
    if (!options.keepData) await rm(this.data, { recursive: true, force: true })
  }
}
