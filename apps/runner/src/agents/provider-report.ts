import os from 'node:os'
import { INSTANCE_LOG, runnerStream, sha256Hex } from '@coppice/events'
import type { RunnerContext } from '../runner-context.ts'
import { allProviders } from './providers.ts'
import type { Provider, ProviderState } from './provider.ts'

/** Providers that take longer than this to be looked at are told of later. */
const reportEarlyMs = 5_000

/** Tells the log what a runner can do, unless it has that already. */
export class ProviderReport {
  readonly #gitVersion: string
  #reported: string | undefined
  #stopped = false

  constructor(gitVersion: string) {
    this.#gitVersion = gitVersion
  }

  /** The log has this of the runner. */
  noted(data: unknown): void {
    this.#reported = sha256Hex(JSON.stringify(data))
  }

  stop(): void {
    this.#stopped = true
  }

  async look(context: RunnerContext): Promise<void> {
    const all = await allProviders(context.dataFolder)
    const found: (ProviderState | undefined)[] = all.map(() => undefined)
    const looking = all.map(async (provider, at) => {
      found[at] = await provider.detect(context.env, context.dataFolder)
    })
    // One that takes long must not keep the others from being used.
    const early = setTimeout(() => this.#tell(context, all, found), reportEarlyMs)
    await Promise.all(looking)
    clearTimeout(early)
    this.#tell(context, all, found)
  }

  #tell(context: RunnerContext, all: readonly Provider[], found: readonly (ProviderState | undefined)[]): void {
    const stillLooking = 'The runner is still looking whether it works here.'
    const providers = all.map(
      ({ id, name }, at) => found[at] ?? { id, name, available: false, reason: stillLooking, version: '', models: [] },
    )
    const data = {
      host: os.hostname().slice(0, 200),
      gitVersion: this.#gitVersion.slice(0, 40),
      providers: providers.map((one) => ({ ...one, models: [...one.models] })),
    }
    const content = sha256Hex(JSON.stringify(data))
    if (content === this.#reported || this.#stopped) return
    this.#reported = content
    const cause = { id: context.runnerId, correlationId: context.runnerId }
    const address = { log: INSTANCE_LOG, stream: runnerStream(context.runnerId) }
    void context.observe(address, 'runner.reported', data, cause, `${content}:${Date.now()}`)
  }
}
