import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test } from 'vitest'
import { AcpAgent } from '../../apps/runner/src/agents/acp-agent.ts'
import { AgentFailure } from '../../apps/runner/src/agents/failure.ts'
import type { Quirks } from '../../apps/runner/src/agents/recipe.ts'
import { RecordingListener } from '../../apps/runner/src/agents/recording-listener.ts'
import { temporaryRepository } from '../../apps/runner/src/git/temporary-repository.ts'

/** Each oddness that was seen with a real agent, on one that has just that. */
const quirky = fileURLToPath(new URL('./quirky-agent.ts', import.meta.url))
const opened: AcpAgent[] = []

afterEach(async () => {
  for (const agent of opened.splice(0)) await agent.close()
})

async function open(
  odd: string,
  quirks: Quirks = {},
  more: { model?: string; resume?: string } = {},
): Promise<AcpAgent> {
  using at = temporaryRepository()
  const agent = await AcpAgent.open({
    launch: { command: process.execPath, args: [quirky, odd], env: { QUIRKY_KEY: 'k' } },
    quirks,
    runId: `quirk-${odd}-${Math.random().toString(36).slice(2)}`,
    cwd: at.repo,
    home: at.repo,
    model: '',
    timeouts: { start: 60_000, session: 60_000, cancel: 1_000 },
    ...more,
  })
  opened.push(agent)
  return agent
}

async function answerOf(agent: AcpAgent, text = 'x'): Promise<string> {
  const listener = new RecordingListener()
  await agent.prompt(text, listener)
  return listener.text()
}

async function failureOf(work: Promise<unknown>): Promise<AgentFailure> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (error instanceof AgentFailure) return error
  throw new Error(`expected a failure, got ${String(error)}`)
}

describe('a word in the middle of a turn', () => {
  test.each([
    ['steers', {}, true],
    ['second-prompt-steers', { secondPromptSteers: true }, true],
    ['second-prompt-cancels', {}, false],
  ] as const)('%s', async (odd, quirks, taken) => {
    const agent = await open(odd, quirks)
    const listener = new RecordingListener()
    const turn = agent.prompt('stay', listener)
    await expect.poll(() => listener.text()).toContain('working')
    expect(await agent.steer('to the left')).toBe(taken)
    if (!taken) {
      // It was not disturbed: the turn goes on until somebody ends it.
      expect(listener.text()).toBe('working ')
      await agent.cancel()
    }
    expect((await turn).reason).toBe(taken ? 'completed' : 'stopped')
    expect(listener.text()).toBe(taken ? 'working steered: to the left' : 'working ')
    expect(await agent.steer('too late')).toBe(false)
  })
})

describe('tool calls', () => {
  test('a permission request may come before its call, and an update without one', async () => {
    const agent = await open('permission-first')
    const listener = new RecordingListener()
    await agent.prompt('x', listener)
    expect(listener.asked[0]?.call).toMatchObject({ family: 'edit', locations: ['a.txt'], status: 'pending' })
    expect(listener.calls()).toMatchObject([{ callId: 't1', status: 'done' }])
    expect(listener.text()).toContain('"optionId":"yes"')
  })

  test('updates before the call, two results, unknown updates and broken lines cost nothing but themselves', async () => {
    const agent = await open('updates-first')
    const listener = new RecordingListener()
    expect((await agent.prompt('x', listener)).reason).toBe('completed')
    expect(listener.calls()).toMatchObject([
      { family: 'run', target: 'ls', status: 'done', exitCode: 0, output: 'a second result' },
    ])
    expect(listener.text()).toBe('still here')
  })

  test('a question that is open when the turn is stopped is answered, or the agent would wait for ever', async () => {
    const agent = await open('never-asks-again')
    const listener = new RecordingListener(() => new Promise(() => undefined))
    const turn = agent.prompt('x', listener)
    await expect.poll(() => listener.asked.length).toBe(1)
    await agent.cancel()
    expect((await turn).reason).toBe('stopped')
    expect(listener.text()).toContain('cancelled')
  })

  test('a turn that ends as cancelled because a step was rejected was not stopped by anybody', async () => {
    const agent = await open('rejected-is-cancelled')
    const end = await agent.prompt('x', new RecordingListener(() => Promise.resolve('reject')))
    expect(end.reason).toBe('completed')
  })
})

describe('what a turn took, wherever the agent says it', () => {
  test.each([
    ['usage-per-call', { inputTokens: 300, outputTokens: 30, cacheReadTokens: 5 }],
    ['quota', { inputTokens: 70, outputTokens: 7 }],
    [
      'usage-update',
      { inputTokens: 800, outputTokens: 100, cacheReadTokens: 50, contextUsed: 900, contextLimit: 1_000, usd: 0.5 },
    ],
  ])('%s', async (odd, usage) => {
    const agent = await open(odd)
    expect((await agent.prompt('x', new RecordingListener())).usage).toEqual(usage)
  })
})

describe('opening a session', () => {
  test('one that is advertised but cannot be resumed is loaded, and begun anew where that fails, too', async () => {
    const loaded = await open('resume-refused', {}, { resume: 's0' })
    expect([loaded.resumed, loaded.sessionId, await answerOf(loaded)]).toEqual([true, 's0', 'loaded x'])
    const lost = await open('resume-lost', {}, { resume: 's0' })
    expect([lost.resumed, lost.sessionId]).toEqual([false, 's1'])
  })

  test('models in the older way are listed and set; the asking mode is set where it does not begin in that', async () => {
    const models = await open('old-models', {}, { model: 'old-2' })
    expect(models.models).toEqual([
      { id: 'old-1', name: 'Old 1' },
      { id: 'old-2', name: 'Old 2' },
    ])
    expect(await answerOf(models)).toBe('model old-2 x')
    expect(await answerOf(await open('begins-in-auto', { askMode: 'default' }))).toBe('mode default x')
    expect(await answerOf(await open('begins-in-auto', { askMode: 'auto' }))).toBe('x')
  })

  test('nobody signed in is a failure of its own; a key that is set signs in by the way that the recipe names', async () => {
    expect((await failureOf(open('signed-out'))).code).toBe('sign_in')
    const other = { signInWith: [{ method: 'with-key', variable: 'QUIRKY_OTHER_KEY' }] }
    expect((await failureOf(open('signed-out', other))).code).toBe('sign_in')
    const agent = await open('signed-out', { signInWith: [{ method: 'with-key', variable: 'QUIRKY_KEY' }] })
    expect(await answerOf(agent)).toBe('signed in with-key x')
  })

  test('what a recipe adds to the session request reaches the agent', async () => {
    expect(await answerOf(await open('', { sessionMeta: { a: 1 } }))).toBe('{"a":1} x')
  })
})

describe('an error of the model', () => {
  test.each([
    ['rate-limited', 'rate_limited', 'rate limit reached'],
    ['endpoint-words', 'sign_in', 'Please pass a valid API key. Unauthorized.'],
    ['too-long', 'context_full', 'prompt is too long'],
    ['other-error', 'model_error', 'the moon is in the wrong house'],
    ['system-error', 'model_error', 'The model could not be asked: stream disconnected before completion'],
  ])('%s', async (odd, code, words) => {
    const agent = await open(odd)
    const failed = await failureOf(agent.prompt('x', new RecordingListener()))
    expect(failed.code).toBe(code)
    expect(failed.message).toContain(words)
  })
})
