import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { processesWith } from '../support/processes.ts'
import { CodeFixture } from './code-fixture.ts'
import { Driver } from './driver.ts'
import { keysFor, scripted } from './model-endpoint.ts'

let code: CodeFixture

beforeAll(async () => {
  code = await CodeFixture.begin()
  await code.driver.open(code.repo)
  await code.driver.setMode('auto')
})
afterAll(() => code[Symbol.asyncDispose]())
beforeEach(() => {
  code.driver.updates.length = 0
})

/** The error that a request ends with, as it comes over the wire. */
async function errorOf(work: Promise<unknown>): Promise<{ code: number; data: Record<string, unknown> }> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  return error as { code: number; data: Record<string, unknown> }
}

describe.each(['openai/test-1', 'anthropic/test-1', 'google/test-1'])('trouble at the endpoint of %s', (model) => {
  beforeAll(() => code.driver.setModel(model))

  test('429, 500 and an answer that breaks off are tried again, and that is told', async () => {
    const steps = [
      { fail: 429, times: 1, message: `slow down ${model}`, headers: { 'retry-after': '0' }, read: 'README.md' },
      { fail: 503, times: 1, message: `tired ${model}`, headers: { 'retry-after-ms': '1' }, say: `half of ${model}, ` },
    ]
    const end = await code.driver.prompt(scripted(steps))
    expect(end.stopReason).toBe('end_turn')
    expect(code.driver.said('agent_thought_chunk')).toContain(`slow down ${model}`)
    expect(code.driver.said('agent_thought_chunk')).toMatch(/failed \(503\): tired .*\nTrying again/)
    const cut = await code.driver.prompt(scripted([{ cut: true, times: 1, say: `one two three four five ${model}` }]))
    expect(cut.stopReason).toBe('end_turn')
    expect(code.driver.said('agent_thought_chunk')).toContain('broke off')
    expect(code.driver.said()).toContain(`one two three four five ${model}`)
  })

  test('one that is slow is waited for, and asked once', async () => {
    const before = code.endpoint.requests.length
    const end = await code.driver.prompt(scripted([{ wait: 3_000, say: `late from ${model}` }]))
    expect(end.stopReason).toBe('end_turn')
    expect(code.driver.said()).toContain(`late from ${model}`)
    expect(code.driver.said('agent_thought_chunk')).toBe('')
    expect(code.endpoint.requests.length - before).toBe(1)
  })

  test('a wrong key, a limit that lasts, a full context and a wrong request are errors of their own kind, and the next prompt works', async () => {
    const kinds = [
      [{ fail: 401, message: 'invalid key' }, 'sign_in'],
      [{ fail: 429, message: 'daily limit', headers: { 'retry-after': '7200' } }, 'rate_limited'],
      [{ fail: 400, message: 'This prompt is too long: 250000 tokens > 200000 maximum' }, 'context_full'],
      [{ fail: 400, message: 'scripted bad request' }, 'refused'],
    ] as const
    for (const [step, kind] of kinds) {
      const { data } = await errorOf(code.driver.prompt(scripted([{ ...step }])))
      expect(data).toMatchObject({ kind })
      expect(String(data['details'])).toContain(step.message)
      if (kind === 'rate_limited') expect(data['retryAfterMs']).toBe(7_200_000)
    }
    expect((await code.driver.prompt(scripted([{ say: 'Fine again.' }]))).stopReason).toBe('end_turn')
  })
})

describe('a person stops it', () => {
  test('in the middle of a command: its children are gone, the call is answered, and the next prompt works', async () => {
    const mark = `sleep 93${Date.now() % 1000}`
    const turn = code.driver.prompt(scripted([{ run: `touch begun; (setsid ${mark} &); ${mark}` }]))
    await expect.poll(() => existsSync(path.join(code.repo, 'begun'))).toBe(true)
    await expect.poll(async () => (await processesWith(mark)).length).toBeGreaterThan(1)
    await code.driver.cancel()
    expect((await turn).stopReason).toBe('cancelled')
    await expect.poll(() => processesWith(mark)).toEqual([])
    expect(code.driver.calls().at(-1)?.status).toBe('failed')
    expect((await code.driver.prompt(scripted([{ say: 'Next.' }]))).stopReason).toBe('end_turn')
    expect(code.lastRequest).toContain('(canceled)')
  })

  test('while the model answers, while it waits to try again, and while a person is asked', async () => {
    const { driver } = code
    const hanging = driver.prompt(scripted([{ hang: true }]))
    await expect.poll(() => code.lastRequest).toContain('hang')
    await driver.cancel()
    expect((await hanging).stopReason).toBe('cancelled')
    const waiting = driver.prompt(
      scripted([{ fail: 500, message: 'again and again', headers: { 'retry-after': '50' } }]),
    )
    await expect.poll(() => driver.said('agent_thought_chunk')).toContain('in 50 s')
    await driver.cancel()
    expect((await waiting).stopReason).toBe('cancelled')
    await driver.setMode('manual')
    driver.answer = undefined
    const asking = driver.prompt(scripted([{ run: 'touch never' }, { say: 'x' }]))
    await expect.poll(() => driver.asked.at(-1)?.toolCall.title).toBe('touch never')
    await driver.cancel()
    expect((await asking).stopReason).toBe('cancelled')
    driver.answer = () => 'once'
    await driver.setMode('auto')
    expect((await driver.prompt(scripted([{ say: 'Here.' }]))).stopReason).toBe('end_turn')
    expect(existsSync(path.join(code.repo, 'never'))).toBe(false)
  })

  test('a word in the middle of a turn reaches the model before its next answer; without a turn it is not taken', async () => {
    const { driver } = code
    const turn = driver.prompt(
      scripted([
        { run: 'touch steerable; while [ ! -e steered ]; do sleep 0.05; done' },
        { run: 'touch too-late' },
        { say: 'first' },
      ]),
    )
    await expect.poll(() => existsSync(path.join(code.repo, 'steerable'))).toBe(true)
    expect(await driver.steer(scripted([{ say: 'Steered.' }]))).toEqual({ outcome: 'injected' })
    writeFileSync(path.join(code.repo, 'steered'), '')
    expect((await turn).stopReason).toBe('end_turn')
    expect(driver.said()).toBe('Steered.')
    expect(existsSync(path.join(code.repo, 'too-late'))).toBe(false)
    expect(await driver.steer('hello?')).toMatchObject({ outcome: 'promptRequired' })
  })
})

describe('the agent and its surroundings', () => {
  test('without a key it says which to set; a model that it has no key for is refused', async () => {
    const keyless = await Driver.start({ COPPICE_AGENT_DATA: code.data })
    const { code: number, data } = await errorOf(keyless.open(code.repo))
    await keyless.close()
    expect(number).toBe(-32_000)
    expect(data).toMatchObject({ kind: 'sign_in' })
    expect(String(data['details'])).toContain('ANTHROPIC_API_KEY, OPENAI_API_KEY or GEMINI_API_KEY')
    const one = await Driver.start({ ...keysFor(code.endpoint), COPPICE_AGENT_DATA: code.data })
    await one.open(code.repo)
    expect((await errorOf(one.setModel('anthropic/test-1'))).data['details']).toContain('no model "anthropic/test-1"')
    await one.close()
  })

  test('tools of MCP servers are there under the name of their server, and one that does not start is told', async () => {
    const { driver } = code
    const stdio = {
      command: process.execPath,
      args: [fileURLToPath(new URL('./mcp-echo.ts', import.meta.url))],
      env: [],
    }
    await driver.open(code.repo, [
      { name: 'my echo', ...stdio },
      { name: 'broken', command: '/nowhere/server', args: [], env: [] },
    ])
    await driver.setModel('openai/test-1')
    driver.asked.length = 0
    const calls = [
      { tool: 'mcp__my_echo__echo', input: { text: 'ping' } },
      { tool: 'mcp__my_echo__break_it', input: { text: 'x' } },
    ]
    await driver.prompt(scripted([{ calls }, { say: 'x' }]))
    expect(driver.asked.map((one) => one.toolCall.title)).toEqual(['my echo: echo', 'my echo: break it'])
    expect(driver.calls()).toMatchObject([
      { status: 'completed', text: 'echo: ping' },
      { status: 'failed', text: 'it broke' },
    ])
    expect(driver.said('agent_thought_chunk')).toContain('The MCP server "broken" could not be used')
  })

  test('a picture goes to the model as a picture, in each API', async () => {
    const { driver } = code
    await driver.open(code.repo)
    const data = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
    for (const model of ['openai/test-1', 'anthropic/test-1', 'google/test-1']) {
      await driver.setModel(model)
      const prompt = [
        { type: 'text' as const, text: scripted([{ say: 'Seen.' }]) },
        { type: 'image' as const, mimeType: 'image/png', data },
      ]
      await driver.connection.agent.request('session/prompt', { sessionId: driver.sessionId, prompt })
      expect(code.lastRequest).toContain(data)
      expect(code.lastRequest).toContain('image/png')
    }
  })

  test("the project's own instructions are in the system prompt", async () => {
    writeFileSync(path.join(code.repo, 'AGENTS.md'), 'Always use tabs in this house.\n')
    writeFileSync(path.join(code.repo, 'CLAUDE.md'), '@AGENTS.md\n')
    await code.driver.open(code.repo)
    await code.driver.prompt(scripted([{ say: 'x' }]))
    expect(code.lastRequest).toContain('Always use tabs in this house.')
    expect(code.lastRequest).toContain(code.repo)
    expect(readFileSync(path.join(code.repo, 'CLAUDE.md'), 'utf8')).toBe('@AGENTS.md\n')
  })
})
