import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { temporaryRepository } from '../../apps/runner/src/git/temporary-repository.ts'
import type { TemporaryRepository } from '../../apps/runner/src/git/temporary-repository.ts'
import { Driver } from './driver.ts'
import { keysFor, startModelEndpoint } from './model-endpoint.ts'
import type { ModelEndpoint } from './model-endpoint.ts'

/** Coppice Code on a repository of its own, with a scripted model: what its tests begin with. */
export class CodeFixture {
  readonly at: TemporaryRepository
  readonly endpoint: ModelEndpoint
  readonly data: string
  driver: Driver
  readonly #env: Readonly<Record<string, string>>

  private constructor(
    endpoint: ModelEndpoint,
    at: TemporaryRepository,
    data: string,
    env: Record<string, string>,
    driver: Driver,
  ) {
    this.endpoint = endpoint
    this.at = at
    this.data = data
    this.#env = env
    this.driver = driver
  }

  static async begin(settings: Readonly<Record<string, string>> = {}): Promise<CodeFixture> {
    const endpoint = await startModelEndpoint()
    const data = mkdtempSync(path.join(os.tmpdir(), 'coppice-code-'))
    const env = { ...keysFor(endpoint, ['openai', 'anthropic', 'google']), COPPICE_AGENT_DATA: data, ...settings }
    return new CodeFixture(endpoint, temporaryRepository(), data, env, await Driver.start(env))
  }

  get repo(): string {
    return this.at.repo
  }

  /** The last request of the model, as text. */
  get lastRequest(): string {
    return JSON.stringify(this.endpoint.requests.at(-1))
  }

  /** Ends the agent, as hard as told, and starts another one on the same data. */
  async restart(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const { sessionId } = this.driver
    await this.driver.close(signal)
    this.driver = await Driver.start(this.#env)
    this.driver.sessionId = sessionId
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.driver.close()
    await this.endpoint.close()
    this.at[Symbol.dispose]()
    rmSync(this.data, { recursive: true, force: true })
  }
}
