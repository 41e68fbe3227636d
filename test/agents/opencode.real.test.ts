import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { installAgent } from '../../scripts/install-agent.ts'
import { openCodeConfig, startModelEndpoint } from './model-endpoint.ts'
import type { ModelEndpoint } from './model-endpoint.ts'
import { temporaryRepository } from '../../apps/runner/src/git/temporary-repository.ts'
import { AcpAgent } from '../../apps/runner/src/agents/acp-agent.ts'
import { providerById } from '../../apps/runner/src/agents/providers.ts'
import type { Provider } from '../../apps/runner/src/agents/provider.ts'
import { RecordingListener } from '../../apps/runner/src/agents/recording-listener.ts'

let endpoint: ModelEndpoint
let env: NodeJS.ProcessEnv
let openCode: Provider

beforeAll(async () => {
  endpoint = await startModelEndpoint()
  const found = await providerById('opencode', '/nowhere')
  if (!found) throw new Error('OpenCode is known by name')
  openCode = found
  env = {
    ...process.env,
    COPPICE_OPENCODE_BIN: await installAgent('opencode', console.log),
    OPENCODE_CONFIG_CONTENT: openCodeConfig(endpoint),
  }
}, 600_000)
afterAll(() => endpoint.close())

const prompt = (steps: readonly unknown[]): string => `do it <script>${JSON.stringify(steps)}</script>`

async function openIn(cwd: string, root: string, resume?: string): Promise<AcpAgent> {
  const launch = await openCode.launch(env, root)
  const home = path.join(root, 'home')
  mkdirSync(home, { recursive: true })
  const own = {
    HOME: home,
    XDG_CONFIG_HOME: path.join(home, '.config'),
    XDG_DATA_HOME: path.join(home, '.local'),
    XDG_STATE_HOME: path.join(home, '.state'),
    XDG_CACHE_HOME: path.join(home, '.cache'),
  }
  return AcpAgent.open({
    launch: { ...launch, env: { ...launch.env, ...own } },
    runId: `oc-${process.pid}-${Math.random().toString(36).slice(2)}`,
    cwd,
    home,
    model: 'test/test-1',
    ...(resume ? { resume } : {}),
  })
}

describe('OpenCode, the real CLI', () => {
  test('[S-14] it is found with its version and its own list of models; a missing one says how to install it', async () => {
    const found = await openCode.detect(env, '/nowhere')
    expect(found).toMatchObject({ available: true, reason: '', models: [{ id: 'test/test-1', name: 'test/test-1' }] })
    expect(found.version).toMatch(/^1\.18\./)
    const missing = await openCode.detect({ ...env, COPPICE_OPENCODE_BIN: '/nowhere/opencode' }, '/nowhere')
    expect(missing.available).toBe(false)
    expect(missing.reason).toContain('npm install -g opencode-ai')
  })

  test('it asks before it writes and runs, reports tools, thoughts, plan and use, and remembers after a restart', async () => {
    using at = temporaryRepository()
    const agent = await openIn(at.repo, at.root)
    const listener = new RecordingListener()
    const end = await agent.prompt(
      prompt([
        { plan: ['one', 'two'] },
        { write: { path: 'hello.txt', text: 'hello\n' } },
        { run: 'cat hello.txt; exit 2' },
        { think: 'hm', say: 'All done here.' },
      ]),
      listener,
    )
    expect(end.reason).toBe('completed')
    expect(end.usage.inputTokens).toBeGreaterThan(0)
    expect(end.usage.usd).toBeGreaterThan(0)
    expect(listener.text()).toBe('All done here.')
    expect(listener.text('thinking')).toBe('hm')
    expect(readFileSync(path.join(at.repo, 'hello.txt'), 'utf8')).toBe('hello\n')
    const calls = listener.calls()
    expect(calls.find((call) => call.family === 'write')).toMatchObject({
      status: 'done',
      target: path.join(at.repo, 'hello.txt'),
    })
    expect(calls.find((call) => call.family === 'run')).toMatchObject({ target: 'cat hello.txt; exit 2', exitCode: 2 })
    expect(listener.asked.map((one) => one.call.family)).toEqual(['write', 'run'])
    expect(listener.happenings.some((one) => one.kind === 'plan')).toBe(true)
    const { sessionId } = agent
    expect((await agent.close()).groupGone).toBe(true)
    const again = await openIn(at.repo, at.root, sessionId)
    expect(again.resumed).toBe(true)
    const next = new RecordingListener()
    await again.prompt(prompt([{ say: 'Again.' }]), next)
    expect(next.text()).toBe('Again.')
    expect(JSON.stringify(endpoint.requests.at(-1)?.messages)).toContain('All done here.')
    await again.close()
  })

  test('a rejected step is not done; stop ends it in mid-run with its children; an error of the model is told', async () => {
    using at = temporaryRepository()
    const agent = await openIn(at.repo, at.root)
    const rejecting = new RecordingListener(() => Promise.resolve('reject'))
    await agent.prompt(prompt([{ write: { path: 'no.txt', text: 'x' } }, { say: 'ok' }]), rejecting)
    expect(existsSync(path.join(at.repo, 'no.txt'))).toBe(false)
    const running = new RecordingListener()
    const turn = agent.prompt(prompt([{ run: 'touch begun; sleep 300' }, { say: 'never' }]), running)
    await expect.poll(() => existsSync(path.join(at.repo, 'begun')), { timeout: 60_000 }).toBe(true)
    await agent.cancel()
    expect((await turn).reason).toBe('stopped')
    await expect(
      agent.prompt(prompt([{ fail: 400, message: 'scripted bad request' }]), new RecordingListener()),
    ).rejects.toThrow('scripted bad request')
    expect((await agent.close()).groupGone).toBe(true)
  })
})
