/** After how long without a change a run counts as stale, ms (0: never), and how long after that it is ended; undefined: not at all. */
export type StaleSettings = { readonly staleMs: number; readonly killMs: number | undefined }

const usualStaleMs = 5 * 60_000
const longestTickMs = 5_000

/** Reads COPPICE_STALE_MS and COPPICE_STALE_KILL_MS (`off`: never ended; without it as long again). @throws where one is no number */
export function staleSettings(env: NodeJS.ProcessEnv): StaleSettings {
  const staleMs = milliseconds('COPPICE_STALE_MS', env['COPPICE_STALE_MS']) ?? usualStaleMs
  const kill = env['COPPICE_STALE_KILL_MS']
  return { staleMs, killMs: kill === 'off' ? undefined : (milliseconds('COPPICE_STALE_KILL_MS', kill) ?? staleMs) }
}

function milliseconds(name: string, text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined
  const value = Number(text)
  if (!Number.isFinite(value) || value < 0) throw new Error(`${name} is "${text}"; it takes milliseconds, 0 or more.`)
  return value
}

type Watched = {
  /** It waits for a person or for the end of a limit: that is no standstill. */
  waits(): boolean
  /** A number that grows while children of the agent read or print. */
  children(): Promise<number>
  /** Told once. */
  stale(silentMs: number): void
  kill(silentMs: number): void
}

/** Notices a run in which nothing changes any more: warns once, later ends it (REC-43). */
export class StaleWatch {
  readonly #settings: StaleSettings
  readonly #watched: Watched
  readonly #timer: NodeJS.Timeout | undefined
  #lastChange = performance.now()
  #children = 0
  #stale = false
  #over = false

  constructor(settings: StaleSettings, watched: Watched) {
    this.#settings = settings
    this.#watched = watched
    if (settings.staleMs === 0) return
    this.#timer = setInterval(() => void this.#look(), Math.min(longestTickMs, Math.max(50, settings.staleMs / 4)))
    this.#timer.unref()
  }

  /** Something happened. */
  changed(): void {
    this.#lastChange = performance.now()
  }

  stop(): void {
    this.#over = true
    clearInterval(this.#timer)
  }

  async #look(): Promise<void> {
    const { staleMs, killMs } = this.#settings
    if (this.#watched.waits()) return this.changed()
    if (performance.now() - this.#lastChange < staleMs) return
    const children = await this.#watched.children()
    if (children !== this.#children) {
      this.#children = children
      return this.changed()
    }
    const silent = performance.now() - this.#lastChange
    if (this.#over || silent < staleMs) return
    if (!this.#stale) {
      this.#stale = true
      this.#watched.stale(Math.round(silent))
    }
    if (killMs === undefined || silent < staleMs + killMs) return
    this.stop()
    this.#watched.kill(Math.round(silent))
  }
}
