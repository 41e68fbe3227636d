import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { WORKSPACE_STREAM } from '@coppice/events'
import type { House } from './house.ts'

const main = new URL('../../apps/runner/src/main.ts', import.meta.url).pathname

/** Another runner of a house, with a data folder and a name of its own, that stands in for the first. */
export class SecondRunner {
  readonly said: string[] = []
  readonly runnerId: string
  readonly data: string
  readonly #house: House
  readonly #tokenFile: string
  readonly #env: Record<string, string>
  #process: ChildProcess | undefined

  private constructor(house: House, name: string, runnerId: string, token: string, env: Record<string, string>) {
    this.#house = house
    this.#env = env
    this.runnerId = runnerId
    this.data = path.join(house.at.root, name)
    this.#tokenFile = path.join(house.at.root, `${name}-token`)
    writeFileSync(this.#tokenFile, token, { mode: 0o600 })
  }

  /** Registers it, lets it stand in for the house's workspace, and starts it. */
  static async start(house: House, name: string, env: Record<string, string> = {}): Promise<SecondRunner> {
    const answer = await fetch(new URL('/api/tokens', house.started.url), {
      method: 'POST',
      headers: { authorization: `Bearer ${house.started.ownerToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ kind: 'runner', name }),
    })
    const { data } = (await answer.json()) as { data: { runnerId: string; token: string } }
    const refusal = await house.command(WORKSPACE_STREAM, 'workspace.addRunner', { runnerId: data.runnerId })
    if (refusal) throw new Error(refusal.message)
    const runner = new SecondRunner(house, name, data.runnerId, data.token, env)
    await runner.start()
    return runner
  }

  async start(): Promise<void> {
    const { url } = this.#house.started
    const args = [main, '--json', '--server', url, '--data', this.data, '--token-file', this.#tokenFile]
    const env = { ...process.env, COPPICE_SCRIPT_WORD_MS: '1', COPPICE_OPENCODE_BIN: '/nowhere/opencode', ...this.#env }
    const started = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], env })
    createInterface({ input: started.stderr }).on('line', (line) => this.said.push(line))
    this.#process = started
    const ended = once(started, 'exit').then(([code]) => {
      throw new Error(`the second runner ended with code ${String(code)}: ${this.said.join('\n')}`)
    })
    await Promise.race([once(createInterface({ input: started.stdout }), 'line'), ended])
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const running = this.#process
    if (!running || running.exitCode !== null || running.signalCode !== null) return
    const gone = once(running, 'exit')
    running.kill(signal)
    await gone
  }
}
