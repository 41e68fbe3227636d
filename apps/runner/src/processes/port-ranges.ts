import { createServer } from 'node:net'
import { readFileSync } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { sha256Hex } from '@coppice/events'

/** Ports that are one session's own. */
export type PortRange = { readonly first: number; readonly count: number }

/** Below what systems give out by themselves (32768 and up). */
const lowest = 20_000
const highest = 32_000
const each = 10

/** The variables that tell a session's processes which ports are theirs: `COPPICE_PORT` is the first, then `COPPICE_PORT_2` and so on. */
export function portVariables({ first, count }: PortRange): Record<string, string> {
  const rest = Array.from({ length: count - 1 }, (_, n) => [`COPPICE_PORT_${n + 2}`, String(first + n + 1)] as const)
  return { COPPICE_PORT: String(first), COPPICE_PORT_COUNT: String(count), ...Object.fromEntries(rest) }
}

/**
 * Gives each session ports of its own, the same ones for as long as its worktree lives, so that the dev servers of two
 * sessions do not collide (TR-5). Ports that somebody else uses when a range is given out are passed over.
 */
export class PortRanges {
  readonly #file: string
  readonly #given: Map<string, number>
  #last: Promise<unknown> = Promise.resolve()

  constructor(dataFolder: string) {
    this.#file = path.join(dataFolder, 'ports.json')
    this.#given = new Map(Object.entries(readGiven(this.#file)))
  }

  /** @throws where all ranges are given out, or the disk takes nothing */
  of(sessionId: string): Promise<PortRange> {
    return this.#next(async () => {
      const known = this.#given.get(sessionId)
      if (known !== undefined) return { first: known, count: each }
      const first = await this.#freeRange()
      this.#given.set(sessionId, first)
      await this.#keep()
      return { first, count: each }
    })
  }

  /** The session's worktree is gone: others may have its ports. */
  forget(sessionId: string): Promise<void> {
    return this.#next(async () => {
      if (this.#given.delete(sessionId)) await this.#keep()
    })
  }

  /** Two who ask at a time must not be given the same. */
  #next<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(work, work)
    // Whoever asked hears of the failure; the next one is not stopped by it.
    this.#last = mine.catch(() => undefined)
    return mine
  }

  async #freeRange(): Promise<number> {
    const ranges = Math.floor((highest - lowest) / each)
    const taken = new Set(this.#given.values())
    // Two runners of one machine begin at different places.
    const begin = Number.parseInt(sha256Hex(this.#file).slice(0, 6), 16) % ranges
    for (let n = 0; n < ranges; n += 1) {
      const first = lowest + ((begin + n) % ranges) * each
      if (!taken.has(first) && (await allFree(first))) return first
    }
    throw new Error('No free ports are left for this session. End sessions that are done: their ports become free.')
  }

  async #keep(): Promise<void> {
    await writeFile(`${this.#file}.new`, JSON.stringify(Object.fromEntries(this.#given)), { mode: 0o600, flush: true })
    await rename(`${this.#file}.new`, this.#file)
  }
}

async function allFree(first: number): Promise<boolean> {
  for (let port = first; port < first + each; port += 1) if (!(await isFree(port))) return false
  return true
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ port, exclusive: true }, () => server.close(() => resolve(true)))
  })
}

/** A damaged list costs that sessions get other ports. */
function readGiven(file: string): Record<string, number> {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'))
    if (typeof value !== 'object' || value === null) return {}
    return Object.fromEntries(Object.entries(value).filter(([, first]) => Number.isInteger(first)))
  } catch (error) {
    if (error instanceof SyntaxError || (error instanceof Error && 'code' in error && error.code === 'ENOENT'))
      return {}
    throw error
  }
}
