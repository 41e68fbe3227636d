import { WORKSPACE_STREAM } from '@coppice/events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { keysFor, scripted, startModelEndpoint } from '../agents/model-endpoint.ts'
import type { ModelEndpoint } from '../agents/model-endpoint.ts'
import { House } from './house.ts'

/** Budgets, with an agent that asks before each call of its model. A call of the scripted model takes 1,000 + 50 tokens: $0.0011. */
let endpoint: ModelEndpoint
let house: House
const coppiceCode = { provider: 'coppice-code', model: 'openai/test-1' }
const reads = [{ read: 'README.md' }, { read: 'README.md' }, { read: 'README.md' }, { say: 'All read.' }]

beforeAll(async () => {
  endpoint = await startModelEndpoint()
  const prices = JSON.stringify({ 'openai/test-1': { input: 1, output: 2 } })
  house = await House.open({ ...keysFor(endpoint), COPPICE_CODE_PRICES: prices })
})
afterAll(async () => {
  await house?.[Symbol.asyncDispose]()
  await endpoint?.close()
})

const calls = (): number => endpoint.requests.length
const pause = (ms: number): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, ms))

test('[BE-10, M-15] at 80 % a warning, at 100 % the next call of the model is held; raised, it goes on; each call is in the row it made', async () => {
  const session = await house.session(undefined, coppiceCode)
  await session.command('session.setBudget', { budget: { unit: 'tokens', limit: 2_100 } })
  const before = calls()
  await session.send(scripted(reads))
  const held = await session.until('budget.held', 1, 60_000)
  expect(held.data).toMatchObject({ scope: 'session', unit: 'tokens', spent: 2_100, limit: 2_100 })
  expect(session.data('budget.warned')).toMatchObject([{ scope: 'session', spent: 2_100 }])
  await pause(500)
  expect(calls() - before).toBe(2)
  expect(session.state.hold).toMatchObject({ scope: 'session' })
  await session.command('session.setBudget', { budget: { unit: 'tokens', limit: 100_000 } })
  await session.until('turn.ended', 1, 60_000)
  expect(calls() - before).toBe(4)
  expect(session.data('turn.ended')).toMatchObject([{ outcome: 'completed', usageMeasured: true }])
  expect(session.state.hold).toBeUndefined()
  const parts = session.data('usage.measured').map(({ usage, itemId }) => ({ itemId, ...(usage as object) }))
  const tools = session.data('tool.started').map(({ toolId }) => toolId)
  expect(parts.slice(0, 3).map(({ itemId }) => itemId)).toEqual(tools)
  expect(parts[0]).toMatchObject({ ...coppiceCode, inputTokens: 1_000, outputTokens: 50, source: 'reported' })
  expect(session.state.spent.tokens).toBe(4_200)
  expect(session.state.spent.usd).toBeCloseTo(4 * 0.0011)
})

test('[BE-10] Stop ends what a budget holds; the next turn is not begun; a restart of the runner does not forget', async () => {
  const session = await house.session(undefined, coppiceCode)
  await session.command('session.setBudget', { budget: { unit: 'usd', limit: 0.002 } })
  await session.send(scripted(reads))
  const { turnId } = (await session.until('budget.held', 1, 60_000)).data
  await session.command('turn.stop', { turnId: String(turnId) })
  expect((await session.until('turn.ended', 1, 60_000)).data).toMatchObject({ outcome: 'stopped' })
  const before = calls()
  await session.send(scripted([{ say: 'More.' }]))
  const again = await session.until('budget.held', 2, 60_000)
  expect(again.data['turnId']).toBeUndefined()
  await house.stopRunner()
  await house.startRunner()
  await pause(500)
  expect(session.data('turn.started')).toHaveLength(1)
  expect(session.data('budget.held')).toHaveLength(2)
  expect(calls()).toBe(before)
  await session.command('session.setBudget', { budget: null })
  await session.until('turn.ended', 2, 60_000)
  expect(session.data('message.added').at(-1)).toMatchObject({ text: 'More.' })
})

test('[BE-10] a budget of the workspace holds all its sessions, and lets them go on when it is raised', async () => {
  const first = await house.session(scripted([{ say: 'First.' }]), coppiceCode)
  await first.until('turn.ended', 1, 60_000)
  await house.command(WORKSPACE_STREAM, 'workspace.setBudget', { budget: { unit: 'tokens', limit: 1 } })
  const second = await house.session(scripted([{ say: 'Second.' }]), coppiceCode)
  expect((await second.until('budget.held', 1, 60_000)).data).toMatchObject({ scope: 'workspace', limit: 1 })
  await pause(300)
  expect(second.data('turn.started')).toEqual([])
  await house.command(WORKSPACE_STREAM, 'workspace.setBudget', { budget: { unit: 'tokens', limit: 1e9 } })
  await second.until('turn.ended', 1, 60_000)
  expect(second.data('budget.freed')).toHaveLength(1)
  expect(second.data('message.added').at(-1)).toMatchObject({ text: 'Second.' })
})
