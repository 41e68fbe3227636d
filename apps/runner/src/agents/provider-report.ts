import os from 'node:os'
import { INSTANCE_LOG, runnerStream, sha256Hex } from '@coppice/events'
import type { RunnerContext } from '../runner-context.ts'
import { RUNNER_VERSION } from '../runner-version.ts'
import { canSandbox } from '../sandbox/bubblewrap.ts'
import type { Provider, ProviderState } from './provider.ts'
import { allProviders } from './providers.ts'

/** Providers that take longer than this to be looked at are told of later, ms. */
const reportEarlyMs = 5_000
const longestReason = 500

/** Tells the log what this runner can do, and again when that has changed. */
export class ProviderReport {
  readonly #context: RunnerContext
  readonly #gitVersion: string
  readonly #stopped: () => boolean
  readonly #known: () => string | undefined
  #told = ''
  /** Which agents can be started, as it was told last. */
  available: { id: string; available: boolean }[] = []
  #sandbox = false

  /** @param known what the log has of it now, as {@link reportOf} gives it; undefined for nothing. */
  constructor(context: RunnerContext, gitVersion: string, known: () => string | undefined, stopped: () => boolean) {
    this.#context = context
    this.#gitVersion = gitVersion
    this.#known = known
    this.#stopped = stopped
  }

  /** Looks at all providers and tells of them, unless the log has it already. */
  async look(): Promise<void> {
    const { dataFolder, secrets } = this.#context
    this.#sandbox = await canSandbox()
    const env = { ...this.#context.env, ...secrets.runnerEnvironment() }
    const all = await allProviders(dataFolder)
    const found: (ProviderState | undefined)[] = all.map(() => undefined)
    const looking = all.map(async (provider, at) => {
      found[at] = await provider.detect(env, dataFolder)
    })
    // One that takes long must not keep the others from being used.
    const early = setTimeout(() => this.#tell(all, found), reportEarlyMs)
    await Promise.all(looking)
    clearTimeout(early)
    this.#tell(all, found)
  }

  #tell(all: readonly Provider[], found: readonly (ProviderState | undefined)[]): void {
    const { runnerId, redaction, observe } = this.#context
    const stillLooking = 'The runner is still looking whether it works here.'
    const states = all.map(
      ({ id, name }, at) => found[at] ?? { id, name, available: false, reason: stillLooking, version: '', models: [] },
    )
    const data = {
      host: os.hostname().slice(0, 200),
      gitVersion: this.#gitVersion.slice(0, 40),
      version: RUNNER_VERSION,
      sandbox: this.#sandbox,
      providers: states.map(({ reason, models, ...one }) => ({
        ...one,
        models: [...models],
        reason: redaction.text(reason).slice(0, longestReason),
      })),
    }
    this.available = states.map(({ id, available }) => ({ id, available })).slice(0, 40)
    const content = reportOf(data)
    if (content === this.#told || content === this.#known() || this.#stopped()) return
    this.#told = content
    const cause = { id: runnerId, correlationId: runnerId }
    const address = { log: INSTANCE_LOG, stream: runnerStream(runnerId) }
    void observe(address, 'runner.reported', data, cause, `${content}:${Date.now()}`)
  }
}

/** What a report says, as one short text to compare. */
export const reportOf = (data: object): string => sha256Hex(JSON.stringify(data))
