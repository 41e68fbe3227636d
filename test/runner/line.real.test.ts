import { existsSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { House } from './house.ts'

const waits = '```sh\ntouch begun; while [ ! -e go ]; do sleep 0.05; done\n```'

test('so many sessions work at a time as are set, the others stand in line, hear where, and come in their order; health says how many', async () => {
  await using house = await House.open({ COPPICE_MAX_SESSIONS: '1' })
  const told = (): string[] =>
    house.live.flatMap((item) => (item.kind === 'progress' && item.step === 'Waiting' ? [item.detail] : []))
  const first = await house.session(waits)
  await first.until('turn.started')
  const second = await house.session('```sh\ntrue\n```')
  await expect
    .poll(() => told().at(-1), { timeout: 60_000 })
    .toBe('First in line: 1 session works at a time on this runner.')
  const third = await house.session('```sh\ntrue\n```')
  await expect
    .poll(() => told().at(-1), { timeout: 60_000 })
    .toBe('Second in line: 1 session works at a time on this runner.')
  const health = async () =>
    (await (await fetch(`${house.started.url}/health`)).json()) as { runners: Record<string, unknown>[] }
  await expect
    .poll(async () => (await health()).runners[0], { timeout: 60_000 })
    .toMatchObject({ online: true, working: 1, waiting: 2, most: 1, shortOf: '' })
  expect((await health()).runners[0]).toMatchObject({
    diskFree: expect.any(Number) as number,
    memoryFree: expect.any(Number) as number,
    load: expect.any(Number) as number,
    lastContact: expect.any(Number) as number,
  })
  expect(JSON.stringify(await health())).not.toContain(house.started.runnerId)
  await expect.poll(() => existsSync(path.join(first.worktree, 'begun')), { timeout: 60_000 }).toBe(true)
  writeFileSync(path.join(first.worktree, 'go'), '')
  const before = await second.until('turn.started')
  const began = await third.until('turn.started')
  expect(began.position).toBeGreaterThan(before.position)
  await third.until('turn.ended')
  expect(third.data('turn.ended')).toMatchObject([{ outcome: 'completed' }])
})

test('a disk that is nearly full refuses new work and says why; one that waits can be ended', async () => {
  await using house = await House.open({ COPPICE_LEAST_DISK_BYTES: String(2 ** 60) })
  const session = await house.session('```sh\ntrue\n```')
  await session.until('worktree.ready')
  const told = (): string[] => house.live.flatMap((item) => (item.kind === 'progress' ? [item.detail] : []))
  await expect
    .poll(() => told().at(-1), { timeout: 60_000 })
    .toMatch(/^First in line: the runner's disk has [\d.]+ GiB free, and nothing begins with less than/)
  expect(session.types).not.toContain('turn.started')
  await session.command('session.end', { outcome: 'canceled' })
  await session.until('session.ended')
  expect(session.state.status).toBe('canceled')
})
