import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { installAgent } from '../../scripts/install-agent.ts'
import type { InstalledCli } from '../../scripts/install-agent.ts'
import { AcpAgent } from '../../apps/runner/src/agents/acp-agent.ts'
import { providerById } from '../../apps/runner/src/agents/providers.ts'
import type { Provider } from '../../apps/runner/src/agents/provider.ts'
import { recipes } from '../../apps/runner/src/agents/recipes.ts'
import { RecordingListener } from '../../apps/runner/src/agents/recording-listener.ts'
import { temporaryRepository } from '../../apps/runner/src/git/temporary-repository.ts'
import { homeFor } from './cli-homes.ts'
import { scripted, startModelEndpoint } from './model-endpoint.ts'
import type { ModelEndpoint, ModelStep } from './model-endpoint.ts'

/** The same story with every real CLI that installs here: `pnpm test:agents`. */
const clis: readonly { id: string; cli: InstalledCli; writes: ModelStep; remembers: boolean }[] = [
  { id: 'claude-code', cli: 'claude', writes: { write: { path: 'hello.txt', text: 'hello\n' } }, remembers: true },
  { id: 'gemini', cli: 'gemini', writes: { write: { path: 'hello.txt', text: 'hello\n' } }, remembers: false },
  { id: 'opencode', cli: 'opencode', writes: { write: { path: 'hello.txt', text: 'hello\n' } }, remembers: true },
  { id: 'kilo', cli: 'kilo', writes: { write: { path: 'hello.txt', text: 'hello\n' } }, remembers: true },
  // It has no tool that writes, only its shell.
  { id: 'codex', cli: 'codex', writes: { run: 'echo hello > hello.txt' }, remembers: true },
  { id: 'qwen', cli: 'qwen', writes: { write: { path: 'hello.txt', text: 'hello\n' } }, remembers: true },
]

describe.each(clis)('$id, the real CLI', ({ id, cli, writes, remembers }) => {
  let endpoint: ModelEndpoint
  let provider: Provider
  let model = ''
  const before = { ...process.env }
  const home = mkdtempSync(path.join(os.tmpdir(), `coppice-${cli}-`))
  const env: NodeJS.ProcessEnv = {}

  beforeAll(async () => {
    endpoint = await startModelEndpoint()
    const found = await providerById(id, home)
    const recipe = recipes.find((one) => one.id === id)
    if (!found || !recipe) throw new Error(`${id} is known by name`)
    provider = found
    const binary = await installAgent(cli, console.log)
    // Agents get the runner's own environment: this process is the runner here.
    Object.assign(process.env, homeFor(cli, path.join(home, 'home'), endpoint))
    Object.assign(env, process.env, { [recipe.binaryVariable]: binary })
  }, 900_000)

  afterAll(async () => {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name]
    Object.assign(process.env, before)
    await endpoint.close()
    rmSync(home, { recursive: true, force: true, maxRetries: 5 })
  })

  async function openIn(cwd: string, resume?: string): Promise<AcpAgent> {
    return AcpAgent.open({
      launch: await provider.launch(env, home),
      quirks: provider.quirks,
      runId: `cli-${cli}-${Math.random().toString(36).slice(2)}`,
      cwd,
      home,
      model,
      ...(resume ? { resume } : {}),
    })
  }

  test('[S-13, S-14] it is found with its version and its own models; a missing one says how to install it', async () => {
    const found = await provider.detect(env, home)
    expect(found).toMatchObject({ available: true, reason: '' })
    expect(found.version).toMatch(/\d+\.\d+\.\d+/)
    expect(found.models.length).toBeGreaterThan(0)
    model = found.models.find((one) => one.id.includes('test-1'))?.id ?? ''
    const recipe = recipes.find((one) => one.id === id)
    const missing = await provider.detect({ ...env, [recipe?.binaryVariable ?? '']: '/nowhere/cli' }, home)
    expect(missing).toMatchObject({ available: false, version: '' })
    expect(missing.reason).toContain('npm install -g')
  })

  test('it asks before it changes something, does what is allowed, answers, says what it took, and goes on after a restart', async () => {
    using at = temporaryRepository()
    const agent = await openIn(at.repo)
    const listener = new RecordingListener()
    const end = await agent.prompt(scripted([writes, { say: 'All done here.' }]), listener)
    expect(end.reason).toBe('completed')
    expect(readFileSync(path.join(at.repo, 'hello.txt'), 'utf8')).toBe('hello\n')
    expect(listener.asked).toHaveLength(1)
    expect(listener.text()).toContain('All done here.')
    expect(end.usage.inputTokens).toBeGreaterThan(0)
    const { sessionId } = agent
    expect((await agent.close()).groupGone).toBe(true)
    const again = await openIn(at.repo, sessionId)
    expect(again.resumed).toBe(remembers)
    await again.prompt(scripted([{ say: 'Again.' }]), new RecordingListener())
    if (remembers) expect(JSON.stringify(endpoint.requests.at(-1))).toContain('All done here.')
    await again.close()
  })

  test('a rejected step is not done; a stop ends the command and nothing stays behind; an error of the model is told', async () => {
    using at = temporaryRepository()
    const agent = await openIn(at.repo)
    await agent.prompt(scripted([writes, { say: 'ok' }]), new RecordingListener(() => Promise.resolve('reject')))
    expect(existsSync(path.join(at.repo, 'hello.txt'))).toBe(false)
    const running = new RecordingListener()
    const turn = agent.prompt(scripted([{ run: 'touch begun; sleep 300' }, { say: 'never' }]), running)
    await expect.poll(() => existsSync(path.join(at.repo, 'begun')), { timeout: 60_000 }).toBe(true)
    await agent.cancel()
    expect((await turn).reason).toBe('stopped')
    const failing = agent.prompt(scripted([{ fail: 400, message: 'scripted bad request' }]), new RecordingListener())
    await expect(failing).rejects.toThrow('scripted bad request')
    expect((await agent.close()).groupGone).toBe(true)
  })
})
