import { existsSync } from 'node:fs'
import path from 'node:path'
import { WORKSPACE_STREAM } from '@coppice/events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { keysFor, scripted, startModelEndpoint } from '../agents/model-endpoint.ts'
import type { ModelEndpoint } from '../agents/model-endpoint.ts'
import { House } from './house.ts'

let endpoint: ModelEndpoint
let house: House

beforeAll(async () => {
  endpoint = await startModelEndpoint()
  house = await House.open(keysFor(endpoint))
})
afterAll(async () => {
  await house[Symbol.asyncDispose]()
  await endpoint.close()
})

const coppiceCode = { provider: 'coppice-code', model: 'openai/test-1', stepMode: 'manual' as const }
const message = '```sh\ntouch one\n```\n\n```sh\ntouch two && touch three\n```\n'

test('[D-6] a rule lets what fits it through without a person, and nothing that is chained to it; taken back, it is asked again', async () => {
  const session = await house.session(undefined, { stepMode: 'manual' })
  const rule = { ruleId: 'touching', family: 'run' as const, pattern: 'touch *' }
  expect(await session.command('session.addRule', rule)).toBeUndefined()
  await session.send(message)
  const asked = await session.until('approval.requested', 1, 60_000)
  expect(asked.data).toMatchObject({ detail: 'touch two && touch three' })
  expect(session.data('tool.permitted')).toMatchObject([{ by: 'rule' }])
  expect(existsSync(path.join(session.worktree, 'one'))).toBe(true)
  await session.command('approval.answer', { approvalId: String(asked.data['approvalId']), decision: 'reject' })
  await session.until('turn.ended', 1, 60_000)
  await session.command('session.removeRule', { ruleId: 'touching' })
  await session.command('queue.release', {})
  await session.send('```sh\ntouch four\n```\n')
  expect((await session.until('approval.requested', 2, 60_000)).data).toMatchObject({ detail: 'touch four' })
  expect(existsSync(path.join(session.worktree, 'four'))).toBe(false)
})

test('[D-6] a rule of the workspace counts in its sessions; a pattern that would allow more than it says is refused', async () => {
  const add = (ruleId: string, pattern: string) =>
    house.command(WORKSPACE_STREAM, 'workspace.addRule', { ruleId, family: 'run', pattern })
  expect(await add('w1', 'touch * && *')).toMatchObject({ code: 'invalid' })
  expect(await add('w1', 'touch *')).toBeUndefined()
  const session = await house.session('```sh\ntouch five\n```\n', { stepMode: 'manual' })
  await session.until('turn.ended', 1, 60_000)
  expect(session.data('tool.permitted')).toMatchObject([{ by: 'rule' }])
  expect(session.data('approval.requested')).toEqual([])
  await house.command(WORKSPACE_STREAM, 'workspace.removeRule', { ruleId: 'w1' })
})

test('[D-6] in plan mode nothing is changed or run, in Auto too; the agent is in its own plan mode, and works when that is over', async () => {
  const steps = [{ write: { path: 'planned.txt', text: 'x' } }, { run: 'touch ran' }, { say: 'The plan: write it.' }]
  const session = await house.session(scripted(steps), { ...coppiceCode, stepMode: 'auto', planMode: true })
  await session.until('turn.ended', 1, 60_000)
  expect(existsSync(path.join(session.worktree, 'planned.txt'))).toBe(false)
  expect(existsSync(path.join(session.worktree, 'ran'))).toBe(false)
  expect(JSON.stringify(endpoint.requests.at(-1)?.messages)).toContain('Plan mode')
  await session.command('session.setPlanMode', { planMode: false })
  await session.send(scripted([{ write: { path: 'planned.txt', text: 'x' } }, { say: 'Done.' }]))
  await session.until('turn.ended', 2, 60_000)
  expect(existsSync(path.join(session.worktree, 'planned.txt'))).toBe(true)

  const plain = await house.session('```sh\ntouch never\n```\n', { stepMode: 'auto', planMode: true })
  await plain.until('turn.ended', 1, 60_000)
  expect(existsSync(path.join(plain.worktree, 'never'))).toBe(false)
  expect(plain.data('tool.finished')).toMatchObject([{ outcome: 'rejected' }])
})

test('[D-1] strict: a read waits for a person, too', async () => {
  const session = await house.session(undefined, coppiceCode)
  await session.command('session.setStrict', { strict: true })
  await session.send(scripted([{ read: 'README.md' }, { say: 'Read.' }]))
  const asked = await session.until('approval.requested', 1, 60_000)
  expect(asked.data).toMatchObject({ family: 'read', target: 'README.md' })
  await session.command('approval.answer', { approvalId: String(asked.data['approvalId']), decision: 'allow_once' })
  await session.until('turn.ended', 1, 60_000)
  expect(session.data('tool.finished')).toMatchObject([{ outcome: 'done' }])
})

test('[D-4] Manual for the first message, then Auto, in one session', async () => {
  const session = await house.session('```sh\ntouch first\n```\n', { stepMode: 'manual', autoAfterFirst: true })
  const asked = await session.until('approval.requested', 1, 60_000)
  await session.command('approval.answer', { approvalId: String(asked.data['approvalId']), decision: 'allow_once' })
  await session.until('turn.ended', 1, 60_000)
  await session.send('```sh\ntouch second\n```\n')
  await session.until('turn.ended', 2, 60_000)
  expect(session.data('approval.requested')).toHaveLength(1)
  expect(session.data('tool.permitted')).toMatchObject([{ by: 'auto' }])
  expect(existsSync(path.join(session.worktree, 'second'))).toBe(true)
})
