import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { keysFor, scripted, startModelEndpoint } from '../agents/model-endpoint.ts'
import type { ModelEndpoint } from '../agents/model-endpoint.ts'
import { processesWith } from '../support/processes.ts'
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

const coppiceCode = { provider: 'coppice-code', model: 'openai/test-1' }

test('[D-1] [M-13] Coppice Code works in a session: reads without asking, asks before it writes and runs, and is told why not', async () => {
  const steps = [
    { plan: ['look', 'write it'] },
    { read: 'README.md' },
    { write: { path: 'hello.txt', text: 'hello\n' } },
    { run: 'touch never' },
    { say: 'All done here.' },
  ]
  const session = await house.session(scripted(steps), { ...coppiceCode, stepMode: 'manual' })
  const asked = await session.until('approval.requested', 1, 60_000)
  expect(asked.data).toMatchObject({ family: 'write', target: 'hello.txt', detailKind: 'diff' })
  expect(existsSync(path.join(session.worktree, 'hello.txt'))).toBe(false)
  await session.command('approval.answer', { approvalId: String(asked.data['approvalId']), decision: 'allow_once' })
  const second = await session.until('approval.requested', 2, 60_000)
  expect(second.data).toMatchObject({ family: 'run', detail: 'touch never' })
  const approvalId = String(second.data['approvalId'])
  await session.command('approval.answer', { approvalId, decision: 'reject', reason: 'no new files' })
  const ended = await session.until('turn.ended', 1, 60_000)
  expect(ended.data).toMatchObject({ outcome: 'completed', usage: { ...coppiceCode, source: 'reported' } })
  expect(readFileSync(path.join(session.worktree, 'hello.txt'), 'utf8')).toBe('hello\n')
  expect(existsSync(path.join(session.worktree, 'never'))).toBe(false)
  expect(session.data('plan.updated').at(-1)?.['entries']).toMatchObject([{ text: 'look' }, { text: 'write it' }])
  const [, write, run] = session.data('tool.finished')
  expect(JSON.stringify(write?.['changes'])).toContain('+hello')
  expect(run).toMatchObject({ family: 'run', outcome: 'rejected' })
  expect(JSON.stringify(endpoint.requests.at(-1)?.messages)).toContain('no new files')
})

test('[M-4] a stop ends the command with its children; after a restart of the runner the conversation goes on', async () => {
  const mark = `sleep 96${Date.now() % 1000}`
  const session = await house.session(scripted([{ run: `${mark} & ${mark}` }]), { ...coppiceCode, stepMode: 'auto' })
  const { turnId } = (await session.until('turn.started')).data
  await expect.poll(async () => (await processesWith(mark)).length).toBeGreaterThan(1)
  await session.command('turn.stop', { turnId: String(turnId) })
  const stopped = await session.until('turn.ended', 1, 60_000)
  expect(stopped.data).toMatchObject({ outcome: 'stopped', message: 'Stopped.' })
  await expect.poll(() => processesWith(mark)).toEqual([])
  await house.stopRunner()
  await house.startRunner()
  await session.command('queue.release', {})
  await session.command('message.send', { messageId: crypto.randomUUID(), text: scripted([{ say: 'Still here.' }]) })
  await session.until('turn.ended', 2, 60_000)
  expect(session.data('message.added').map((one) => one['text'])).toEqual(['Still here.'])
  expect(JSON.stringify(endpoint.requests.at(-1)?.messages)).toContain(mark)
})

test('[M-9] a message is said to a working Coppice Code; one that comes for a script waits for its turn’s end', async () => {
  const steps = [{ run: 'touch begun; while [ ! -e go ]; do sleep 0.05; done' }, { say: 'Done as told.' }]
  const session = await house.session(scripted(steps), { ...coppiceCode, stepMode: 'auto' })
  await session.until('worktree.ready')
  await expect.poll(() => existsSync(path.join(session.worktree, 'begun')), { timeout: 60_000 }).toBe(true)
  const messageId = crypto.randomUUID()
  await session.command('message.send', { messageId, text: 'Mind the gap.' })
  expect(await session.command('message.steer', { messageId })).toBeUndefined()
  await session.until('message.steered')
  writeFileSync(path.join(session.worktree, 'go'), '')
  await session.until('turn.ended')
  expect(JSON.stringify(endpoint.requests.at(-1)?.messages)).toContain('Mind the gap.')
  expect(session.state.queue).toEqual([])
  expect(session.data('turn.started')).toHaveLength(1)

  const script = await house.session('```sh\ntouch begun; while [ ! -e go ]; do sleep 0.05; done\n```')
  await script.until('worktree.ready')
  await expect.poll(() => existsSync(path.join(script.worktree, 'begun')), { timeout: 60_000 }).toBe(true)
  const later = crypto.randomUUID()
  await script.command('message.send', { messageId: later, text: 'Afterwards.' })
  await script.command('message.steer', { messageId: later })
  expect((await script.until('message.notSteered')).data).toMatchObject({ messageId: later })
  expect(script.state.queue).toHaveLength(1)
  writeFileSync(path.join(script.worktree, 'go'), '')
  await script.until('turn.ended', 2)
  expect(script.state.queue).toEqual([])
})
