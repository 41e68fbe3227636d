import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { StorePlace } from '../store/open-store.ts'

const MAIN = new URL('../main.ts', import.meta.url).pathname
const FORGETFUL_DISK = new URL('./forgetful-disk.ts', import.meta.url).pathname

/** A server in a process of its own, to be killed. */
export interface ServerProcess {
  readonly url: string
  readonly ownerToken: string
  readonly runnerId: string
  readonly child: ChildProcess
  /** What it printed on stderr. */
  readonly said: string[]
  kill(signal: NodeJS.Signals): Promise<number | null>
}

/** Starts a server on a store's place; on a disk that can forget, if a journal is given. Throws with its last words if it does not start. */
export async function startServerProcess(
  { dataFolder: folder, databaseUrl }: StorePlace,
  disk?: { journal: string; lies: boolean },
  args: readonly string[] = ['--port', '0'],
  more: { imports?: readonly string[]; env?: Readonly<Record<string, string>> } = {},
): Promise<ServerProcess> {
  const env = {
    ...process.env,
    // Not what the tests themselves were started with.
    DATABASE_URL: databaseUrl ?? '',
    NATS_URL: '',
    ...(disk && { FORGETFUL_ROOT: folder, FORGETFUL_JOURNAL: disk.journal, FORGETFUL_LIES: disk.lies ? '1' : '0' }),
    ...more.env,
  }
  const child = spawn(
    process.execPath,
    [
      ...[...(disk ? [FORGETFUL_DISK] : []), ...(more.imports ?? [])].flatMap((one) => ['--import', one]),
      MAIN,
      '--json',
      '--data',
      folder,
      ...args,
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], env },
  )
  const said: string[] = []
  createInterface({ input: child.stderr }).on('line', (line) => said.push(line))
  const ended = once(child, 'close')
  const line = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line').then(([text]) => String(text)),
    ended.then(([code]): string => {
      throw new ServerDidNotStart(Number(code), said)
    }),
  ])
  const kill = async (signal: NodeJS.Signals): Promise<number | null> => {
    child.kill(signal)
    const [code] = (await ended) as [number | null]
    return code
  }
  return { ...(JSON.parse(line) as { url: string; ownerToken: string; runnerId: string }), child, said, kill }
}

export class ServerDidNotStart extends Error {
  override readonly name = 'ServerDidNotStart'
  readonly code: number
  readonly said: readonly string[]
  constructor(code: number, said: readonly string[]) {
    super(`the server ended with exit code ${code}: ${said.join('\n')}`)
    this.code = code
    this.said = said
  }
}
