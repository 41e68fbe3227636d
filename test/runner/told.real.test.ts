import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { keysFor, scripted, startModelEndpoint } from '../agents/model-endpoint.ts'
import type { ModelEndpoint } from '../agents/model-endpoint.ts'
import { House, type SessionInHouse } from './house.ts'

const quirky = fileURLToPath(new URL('../agents/quirky-agent.ts', import.meta.url))

let endpoint: ModelEndpoint
let house: House

beforeAll(async () => {
  endpoint = await startModelEndpoint()
  house = await House.open(keysFor(endpoint))
  const agent = (odd: string) => ({ name: odd, command: process.execPath, args: [quirky, odd] })
  const settings = { nests: agent('sub-agents'), compacts: agent('compacts') }
  writeFileSync(path.join(house.runnerData, 'providers.json'), JSON.stringify(settings))
})
afterAll(async () => {
  await house[Symbol.asyncDispose]()
  await endpoint.close()
})

const summaries = (session: SessionInHouse): string[] =>
  session.data('message.added').flatMap((one) => (one['kind'] === 'summary' ? String(one['text']) : []))

test('[M-10] a turn of more than 20 steps, and a session that is completed, end with a summary; a short turn does not', async () => {
  const step = (n: number): string => `\`\`\`sh\necho ${n} > f${n}\n\`\`\`\n`
  const steps = Array.from({ length: 21 }, (_, n) => step(n)).join('\n')
  const session = await house.session(`${step(99)}`, { stepMode: 'auto' })
  await session.until('turn.ended', 1, 60_000)
  expect(summaries(session)).toEqual([])
  await session.send(steps)
  await session.until('turn.ended', 2, 60_000)
  const [turn] = summaries(session)
  expect(turn).toMatch(/^This turn took 21 steps: 21 commands\.\n\nChanged:\n\n- `f0` \+1 −0\n/)
  expect(turn).toContain('- and 1 more')
  expect(session.types.lastIndexOf('message.added')).toBeLessThan(session.types.lastIndexOf('turn.ended'))
  await session.command('session.end', { outcome: 'done' })
  await session.until('session.ended', 1, 60_000)
  expect(summaries(session).at(-1)).toMatch(/^This session of 2 turns took 22 steps: 22 commands\./)
})

test('[M-10] when the agent makes room for itself, a summary says what it remembers', async () => {
  const session = await house.session('Hello.', { provider: 'compacts', model: '' })
  await session.until('turn.ended', 1, 60_000)
  expect(summaries(session)).toEqual([expect.stringContaining('in outline only')])
  const code = await house.session(scripted([{ say: 'Hello.' }]), { provider: 'coppice-code', model: 'openai/test-1' })
  await code.until('turn.ended', 1, 60_000)
  await code.send(scripted([{ say: 'Again.' }]))
  await code.until('turn.ended', 2, 60_000)
  endpoint.asides.push({ say: 'We said hello.' })
  await code.send('/compact')
  await code.until('turn.ended', 3, 60_000)
  expect(summaries(code)).toEqual([expect.stringContaining('We said hello.')])
})

test('[TD-6] what sub-agents do and say stands under the call that began them, at every depth', async () => {
  const session = await house.session('Begin.', { provider: 'nests', model: '' })
  await session.until('turn.ended', 1, 60_000)
  const [task, inner, read] = session.data('tool.started')
  expect(task).toMatchObject({ family: 'agent' })
  expect(task).not.toHaveProperty('parentId')
  expect(inner?.['parentId']).toBe(task?.['toolId'])
  expect(read?.['parentId']).toBe(inner?.['toolId'])
  const [inside, outside] = session.data('message.added')
  expect(inside).toMatchObject({ text: 'said inside', parentId: inner?.['toolId'] })
  expect(outside).toMatchObject({ text: 'said outside' })
  expect(outside).not.toHaveProperty('parentId')
})

test('[TD-8] the agent’s plan is told as it changes, in Manual before the first step that waits', async () => {
  const steps = [{ plan: ['look', 'write'] }, { write: { path: 'a.txt', text: 'a' } }, { say: 'Done.' }]
  const session = await house.session(scripted(steps), {
    provider: 'coppice-code',
    model: 'openai/test-1',
    stepMode: 'manual',
  })
  await session.until('approval.requested', 1, 60_000)
  expect(session.types.indexOf('plan.updated')).toBeGreaterThan(-1)
  expect(session.types.indexOf('plan.updated')).toBeLessThan(session.types.indexOf('approval.requested'))
  expect(session.data('plan.updated').at(-1)?.['entries']).toMatchObject([{ text: 'look' }, { text: 'write' }])
})
