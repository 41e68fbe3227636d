import type { ChildProcess } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { Problem } from '../problem.ts'
import { addRepository } from './add-repository.ts'
import { builtClient } from './build-client.ts'
import { openBrowser } from './open-browser.ts'
import { isRunning, startPart, stopPart } from './process.ts'

export interface UpOptions {
  readonly port: number
  readonly data: string
  readonly repo: string | undefined
  readonly json: boolean
  readonly openBrowser: boolean
  readonly withRunner: boolean
  /** Folder the command was typed in: offered as the first repository. */
  readonly startedIn: string
}

const readySchema = z.object({ url: z.string(), link: z.string(), ownerToken: z.string(), runnerToken: z.string() })
type Ready = z.infer<typeof readySchema>

const app = (name: string): string => fileURLToPath(new URL(`../../../${name}/src/main.ts`, import.meta.url))

const FIRST_RESTART_MS = 500
const LONGEST_RESTART_MS = 15_000
const STEADY_AFTER_MS = 60_000

/** Runs server and runner as processes of their own until told to end. A part that dies is started again, and that is said. */
export async function up(options: UpOptions): Promise<void> {
  const say = (line: string): void => void process.stderr.write(`${line}\n`)
  await mkdir(options.data, { recursive: true }).catch((error: unknown) => {
    throw new Problem(
      `The data folder ${options.data} cannot be made: ${error instanceof Error ? error.message : String(error)}. Nothing was changed. Name another folder with --data.`,
      { cause: error },
    )
  })
  const clientDir = await builtClient(say)
  const parts = new Parts(say)
  const ending = parts.endOnSignal()
  try {
    const ready = await startServer(parts, options, clientDir, options.port)
    const port = Number(new URL(ready.url).port)
    parts.keep('server', async () => {
      await startServer(parts, options, clientDir, port)
    })
    if (options.withRunner) {
      const run = (): Promise<void> => startRunner(parts, options, ready)
      await run()
      parts.keep('runner', run)
    }
    if (options.repo !== undefined) await offerRepository(ready, options.repo, say)
    announce(options, ready)
  } catch (error) {
    // Told to end while starting: the parts ended because of that, and nothing is wrong.
    if (parts.stopping) return ending
    await parts.stop()
    throw error
  }
  await ending
}

/** A repository that cannot be added is no reason not to start: another can be added in the web app. */
async function offerRepository(ready: Ready, path: string, say: (line: string) => void): Promise<void> {
  try {
    await addRepository(ready, path)
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    say(
      `coppice: The repository named with --repo was not added: ${error.message} Coppice runs without it; add one in the web app.`,
    )
  }
}

function announce(options: UpOptions, ready: Ready): void {
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ url: ready.url, link: ready.link, ownerToken: ready.ownerToken })}\n`)
    return
  }
  process.stdout.write(
    `\n  Coppice is running.\n\n  Open   ${ready.link}\n  Data   ${options.data}\n\n  The link signs you in, once. A new one: coppice link. Ctrl+C ends it; nothing is lost.\n\n`,
  )
  if (options.openBrowser) openBrowser(ready.link)
}

async function startServer(parts: Parts, options: UpOptions, clientDir: string, port: number): Promise<Ready> {
  return new Promise<Ready>((resolve, reject) => {
    const child = parts.start('server', {
      name: 'server',
      args: [
        app('sync'),
        '--json',
        '--data',
        options.data,
        '--port',
        String(port),
        '--client-dir',
        clientDir,
        '--suggest',
        options.startedIn,
      ],
      onLine: (line) => {
        const ready = readySchema.safeParse(JSON.parse(line))
        if (ready.success) resolve(ready.data)
        else reject(new Problem('The server started, but its first line was not understood.'))
      },
    })
    child.once('exit', (code) =>
      reject(new Problem(`The server did not start (exit code ${code ?? 'none'}); the line above says why.`)),
    )
  })
}

/** Resolves when the runner is connected; rejects if it ends before, which is said by itself. */
function startRunner(parts: Parts, options: UpOptions, ready: Ready): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = parts.start('runner', {
      name: 'runner',
      args: [app('runner'), '--json', '--server', ready.url, '--data', join(options.data, 'runner')],
      env: { COPPICE_RUNNER_TOKEN: ready.runnerToken },
      onLine: () => resolve(),
    })
    child.once('exit', (code) =>
      reject(new Problem(`The runner did not start (exit code ${code ?? 'none'}); the line above says why.`)),
    )
  })
}

type PartName = 'server' | 'runner'

/** The processes of one installation, and what becomes of them when one dies or all are to end. */
class Parts {
  readonly #running = new Map<PartName, ChildProcess>()
  readonly #say: (line: string) => void
  #stopping = false

  constructor(say: (line: string) => void) {
    this.#say = say
  }

  get stopping(): boolean {
    return this.#stopping
  }

  start(name: PartName, part: Parameters<typeof startPart>[0]): ChildProcess {
    const child = startPart(part)
    this.#running.set(name, child)
    return child
  }

  /** Starts a part again whenever it dies, with growing pauses; a minute of life makes the pause short again. */
  keep(name: PartName, again: () => Promise<void>, pauseMs = FIRST_RESTART_MS): void {
    const child = this.#running.get(name)
    if (!child) return
    const born = Date.now()
    const restart = (): void => {
      if (this.#stopping) return
      const pause = Date.now() - born > STEADY_AFTER_MS ? FIRST_RESTART_MS : pauseMs
      this.#say(
        `The ${name} ended (${child.signalCode ?? `exit code ${child.exitCode}`}); it is started again in ${pause / 1000} s.`,
      )
      setTimeout(() => {
        if (this.#stopping) return
        again()
          .catch((error: unknown) =>
            this.#say(`The ${name} did not come back: ${error instanceof Error ? error.message : String(error)}`),
          )
          .finally(() => this.keep(name, again, Math.min(pause * 2, LONGEST_RESTART_MS)))
      }, pause)
    }
    if (isRunning(child)) child.once('exit', restart)
    else restart()
  }

  /** Resolves when a signal came and everything has ended. */
  endOnSignal(): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        if (this.#stopping) return
        void this.stop().then(resolve)
      }
      process.on('SIGTERM', end)
      process.on('SIGINT', end)
      process.on('SIGHUP', end)
    })
  }

  /** The runner first: what it still has to say, the server must still hear. */
  async stop(): Promise<void> {
    this.#stopping = true
    for (const name of ['runner', 'server'] as const) {
      const child = this.#running.get(name)
      if (child) await stopPart(child)
    }
  }
}
