import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'

/** A process that printed one JSON line when it was ready. */
export interface Started<Ready> {
  readonly ready: Ready
  readonly process: ChildProcess
  /** From its birth to that line, milliseconds. */
  readonly readyAfterMs: number
  stop(): Promise<void>
}

/** Starts a script of the repository and waits for its line. */
export async function startScript<Ready>(
  script: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Started<Ready>> {
  const begun = performance.now()
  const child = spawn(process.execPath, [new URL(`../../${script}`, import.meta.url).pathname, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  })
  const line = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line').then(([text]) => String(text)),
    once(child, 'exit').then(([code]): string => {
      throw new Error(`${script} ended with exit code ${String(code)} before it was ready`)
    }),
  ])
  const readyAfterMs = performance.now() - begun
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGTERM')
    await gone
  }
  return { ready: JSON.parse(line) as Ready, process: child, readyAfterMs, stop }
}

export interface ServerReady {
  readonly url: string
  readonly ownerToken: string
  readonly runnerId: string
}

/** A folder for a server's data that goes with the benchmark. */
export function temporaryFolder(): { folder: string; remove: () => void } {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'coppice-bench-'))
  return { folder, remove: () => fs.rmSync(folder, { recursive: true, force: true }) }
}

/** The address of a server's database, empty for PGlite. */
const storeIn = (databaseUrl: string | undefined): Record<string, string> => ({
  DATABASE_URL: databaseUrl ?? '',
  NATS_URL: '',
})

export interface CoppiceOptions {
  readonly databaseUrl?: string | undefined
  /** Any free one unless told otherwise. */
  readonly port?: number
  /** Where the built web app is, if not where it is built. */
  readonly client?: string
}

export const startCoppice = (folder: string, options: CoppiceOptions = {}): Promise<Started<ServerReady>> =>
  startScript<ServerReady>(
    'apps/sync/src/main.ts',
    [
      '--json',
      `--port=${options.port ?? 0}`,
      `--data=${folder}`,
      ...(options.client ? [`--client-dir=${options.client}`] : []),
    ],
    storeIn(options.databaseUrl),
  )

export const startMinimal = (databaseUrl?: string): Promise<Started<{ url: string }>> =>
  startScript('bench/minimal-server.ts', [], storeIn(databaseUrl))

/** Runs a script to its end and gives what it printed as JSON. */
export async function runScript<Result>(script: string, job: object): Promise<Result> {
  const child = spawn(process.execPath, [new URL(`../../${script}`, import.meta.url).pathname, JSON.stringify(job)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout.on('data', (data) => {
    text += String(data)
  })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`${script} ended with exit code ${String(code)}`)
  return JSON.parse(text) as Result
}

/** Memory of a process that is in the machine's, MiB. */
export function residentMiB(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kib ?? Number.NaN) / 1_024
}
