import { readFileSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import os from 'node:os'
import type { RunnerFigures } from '@coppice/protocol'
import type { WorkPlaces } from './work-places.ts'

/** Less than this free, bytes, and nothing new begins; what works goes on. */
const LEAST = { disk: 1024 ** 3, memory: 400 * 1024 ** 2 } as const
/** What an agent takes at most, with what it starts, bytes: so many fit a machine. */
const eachAgent = 700 * 1024 ** 2
const lookEveryMs = 5_000

/** How many sessions may work at once: as set by COPPICE_MAX_SESSIONS, else as fit into memory, 2 to 16. @throws where it is no number from 1 */
export function mostSessions(env: NodeJS.ProcessEnv): number {
  const set = env['COPPICE_MAX_SESSIONS']
  if (set === undefined || set === '') return Math.max(2, Math.min(16, Math.floor(os.totalmem() / eachAgent)))
  const most = Number(set)
  if (!Number.isInteger(most) || most < 1)
    throw new Error(`COPPICE_MAX_SESSIONS is "${set}"; it takes how many sessions may work at once, 1 or more.`)
  return most
}

/** Looks at disk and memory every few seconds. */
export class Machine {
  readonly #folder: string
  readonly #least: { readonly disk: number; readonly memory: number }
  readonly #timer: NodeJS.Timeout
  #diskFree = Number.MAX_SAFE_INTEGER
  #wasShort = ''

  /** @param changed called when nothing may begin any more, or something may again */
  constructor(folder: string, env: NodeJS.ProcessEnv, changed: () => void) {
    this.#folder = folder
    const least = Number(env['COPPICE_LEAST_DISK_BYTES'] ?? LEAST.disk)
    this.#least = { disk: Number.isFinite(least) ? least : LEAST.disk, memory: LEAST.memory }
    const look = async (): Promise<void> => {
      // Where it cannot be told now, what was told last counts until the next look.
      const found = await statfs(this.#folder).catch(() => undefined)
      if (found) this.#diskFree = found.bavail * found.bsize
      const short = this.shortOf()
      if ((short === '') !== (this.#wasShort === '')) changed()
      this.#wasShort = short
    }
    this.#timer = setInterval(() => void look(), lookEveryMs)
    this.#timer.unref()
    void look()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  /** Why nothing new may begin, for people; empty where it may. */
  shortOf(): string {
    if (this.#diskFree < this.#least.disk)
      return `the runner's disk has ${gib(this.#diskFree)} GiB free, and nothing begins with less than ${gib(this.#least.disk)}: make room there`
    const free = memoryFree()
    if (free < this.#least.memory)
      return `the runner's machine has ${gib(free)} GiB of memory free, and nothing begins with less than ${gib(this.#least.memory)}`
    return ''
  }

  /** What the server is told of it. */
  report({ figures }: WorkPlaces): RunnerFigures {
    const load = (os.loadavg()[0] ?? 0) / os.availableParallelism()
    const free = { diskFree: this.#diskFree, memoryFree: memoryFree(), memoryTotal: os.totalmem() }
    return { load, ...free, ...figures, shortOf: this.shortOf() }
  }
}

const gib = (bytes: number): string => (bytes / 1024 ** 3).toFixed(1)

/** What can be had without swapping; of systems that do not say so, what is unused. */
function memoryFree(): number {
  if (process.platform !== 'linux') return os.freemem()
  const kib = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'latin1'))?.[1]
  return kib === undefined ? os.freemem() : Number(kib) * 1024
}
