import { existsSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { House } from './house.ts'

let house: House
beforeAll(async () => {
  house = await House.open()
})
afterAll(() => house[Symbol.asyncDispose]())

test('[RL-11] a runner that goes on through a restore ends the turn whose end the backup lacks, and works on from there', async () => {
  const session = await house.session('```sh\nwhile ! test -f go; do sleep 0.1; done\n```')
  await session.until('tool.started')
  const { worktree } = session
  const backup = await house.backUp()
  writeFileSync(path.join(worktree, 'go'), '')
  expect((await session.until('turn.ended')).data).toMatchObject({ outcome: 'completed' })
  await house.restore(backup)
  // It runs in the log that is there now, and nowhere else.
  await session.until('turn.started')
  await session.until('turn.ended')
  expect(session.data('turn.started')).toHaveLength(1)
  expect(await session.send('```sh\ntouch after\n```')).toBeUndefined()
  await session.until('turn.ended', 2)
  expect(existsSync(path.join(worktree, 'after'))).toBe(true)
  expect(session.state).toMatchObject({ turn: undefined, queue: [] })
})
