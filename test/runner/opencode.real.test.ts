import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { installAgent } from '../../scripts/install-agent.ts'
import { openCodeConfig, startModelEndpoint } from '../agents/model-endpoint.ts'
import type { ModelEndpoint } from '../agents/model-endpoint.ts'
import { House } from './house.ts'

let endpoint: ModelEndpoint
let house: House

beforeAll(async () => {
  endpoint = await startModelEndpoint()
  const home = path.join(os.tmpdir(), `coppice-opencode-${process.pid}`)
  mkdirSync(home, { recursive: true })
  house = await House.open({
    COPPICE_OPENCODE_BIN: await installAgent('opencode', console.log),
    OPENCODE_CONFIG_CONTENT: openCodeConfig(endpoint),
    HOME: home,
    XDG_DATA_HOME: path.join(home, 'data'),
    XDG_CONFIG_HOME: path.join(home, 'config'),
    XDG_CACHE_HOME: path.join(home, 'cache'),
    XDG_STATE_HOME: path.join(home, 'state'),
  })
}, 600_000)
afterAll(async () => {
  await house[Symbol.asyncDispose]()
  await endpoint.close()
})

const prompt = (steps: readonly unknown[]): string => `do it <script>${JSON.stringify(steps)}</script>`

test('[D-1] [M-13] the real OpenCode works in a session: asks, edits, runs, thinks, plans, and its cost is told', async () => {
  const steps = [
    { plan: ['write it', 'look at it'] },
    { write: { path: 'hello.txt', text: 'hello\n' } },
    { run: 'cat hello.txt' },
    { think: 'That went well.', say: 'All done here.' },
  ]
  const session = await house.session(prompt(steps), { provider: 'opencode', model: 'test/test-1', stepMode: 'manual' })
  const asked = await session.until('approval.requested', 1, 60_000)
  expect(asked.data).toMatchObject({ family: 'write', target: 'hello.txt', detailKind: 'diff' })
  expect(existsSync(path.join(session.worktree, 'hello.txt'))).toBe(false)
  await session.command('approval.answer', { approvalId: String(asked.data['approvalId']), decision: 'allow_once' })
  const second = await session.until('approval.requested', 2, 60_000)
  expect(second.data).toMatchObject({ family: 'run', detail: 'cat hello.txt' })
  await session.command('session.setStepMode', { stepMode: 'auto' })
  const ended = await session.until('turn.ended', 1, 60_000)
  expect(ended.data).toMatchObject({
    outcome: 'completed',
    usage: { provider: 'opencode', model: 'test/test-1', source: 'reported' },
  })
  expect(Number((ended.data['usage'] as { usd: number }).usd)).toBeGreaterThan(0)
  expect(readFileSync(path.join(session.worktree, 'hello.txt'), 'utf8')).toBe('hello\n')
  expect(session.data('message.added').map((one) => [one['kind'], one['text']])).toEqual([
    ['thinking', 'That went well.'],
    ['agent', 'All done here.'],
  ])
  expect(session.data('plan.updated').at(-1)?.['entries']).toMatchObject([{ text: 'write it' }, { text: 'look at it' }])
  const write = session.data('tool.finished').find((one) => one['family'] === 'write')
  expect(JSON.stringify(write?.['changes'])).toContain('+hello')
  expect(session.data('tool.finished').find((one) => one['family'] === 'run')).toMatchObject({
    exitCode: 0,
    outcome: 'done',
  })
})

test('a step that is rejected with a reason is not done, and the agent is told the reason within the turn', async () => {
  const steps = [{ run: 'touch never' }, { say: 'Well.' }]
  const options = { provider: 'opencode', model: 'test/test-1', stepMode: 'manual' as const }
  const session = await house.session(prompt(steps), options)
  const asked = await session.until('approval.requested', 1, 60_000)
  const approvalId = String(asked.data['approvalId'])
  await session.command('approval.answer', { approvalId, decision: 'reject', reason: 'that is too risky' })
  await session.until('turn.ended', 1, 60_000)
  expect(existsSync(path.join(session.worktree, 'never'))).toBe(false)
  expect(session.data('tool.finished')).toMatchObject([{ outcome: 'rejected' }])
  expect(JSON.stringify(endpoint.requests.at(-1)?.messages)).toContain('was rejected: that is too risky')
  expect(session.data('turn.ended')).toHaveLength(1)
})
