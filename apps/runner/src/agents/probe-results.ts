import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { AcpAgent } from './acp-agent.ts'
import type { Launch } from './agent-process.ts'
import { AgentFailure } from './failure.ts'
import type { ProviderState } from './provider.ts'
import type { Quirks } from './recipe.ts'

const keptMs = 24 * 60 * 60_000

/** What an agent says of itself when it is started and asked for a session. */
export type Probe = {
  readonly version: string
  readonly models: ProviderState['models']
  readonly failure?: AgentFailure
}

/** One agent is asked at a time: each takes some hundred megabytes and seconds. */
let last: Promise<unknown> = Promise.resolve()

/** Starts an agent in an empty folder to see whether it works, and with which models; what it said is kept for a day. */
export class ProbeResults {
  readonly #dataFolder: string
  readonly #folder: string

  constructor(dataFolder: string) {
    this.#dataFolder = dataFolder
    this.#folder = path.join(dataFolder, 'providers')
  }

  async of(id: string, launch: Launch, quirks: Quirks, version: string): Promise<Probe> {
    const file = path.join(this.#folder, `${id}-${await this.#key(launch, version)}.json`)
    const kept = await readKept(file)
    if (kept) return kept
    const ask = (): Promise<Probe> => probe(launch, quirks, this.#dataFolder)
    const asked = last.then(ask, ask)
    last = asked
    const found = await asked
    // What does not work now may work after the next start: only what works is kept.
    if (!found.failure) await this.#keep(file, found)
    return found
  }

  /** Another binary, version or set of keys is another agent. */
  async #key({ command, args, env }: Launch, version: string): Promise<string> {
    const { size, mtimeMs } = await stat(command)
    const keys = Object.entries(process.env).filter(([name]) =>
      /_(API_KEY|BASE_URL|TOKEN|MODEL)$|^(HOME|CODEX_HOME|CLAUDE_CONFIG_DIR)$/.test(name),
    )
    return createHash('sha256')
      .update(JSON.stringify([command, args, env, size, mtimeMs, version, keys.toSorted()]))
      .digest('hex')
      .slice(0, 16)
  }

  async #keep(file: string, found: Probe): Promise<void> {
    await mkdir(this.#folder, { recursive: true })
    await writeFile(`${file}.new`, JSON.stringify(found), { mode: 0o600 })
    await rename(`${file}.new`, file)
  }
}

async function readKept(file: string): Promise<Probe | undefined> {
  try {
    if ((await stat(file)).mtimeMs < Date.now() - keptMs) return undefined
    return JSON.parse(await readFile(file, 'utf8')) as Probe
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

async function probe(launch: Launch, quirks: Quirks, home: string): Promise<Probe> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'coppice-probe-'))
  try {
    const runId = path.basename(folder)
    const agent = await AcpAgent.open({ launch, quirks, runId, cwd: folder, home, model: '' })
    const { version, models } = agent
    await agent.close()
    return { version, models }
  } catch (failure) {
    if (!(failure instanceof AgentFailure)) throw failure
    return { version: '', models: [], failure }
  } finally {
    // Some still write when they are told to end.
    await rm(folder, { recursive: true, force: true, maxRetries: 3 })
  }
}
