import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { WORKSPACE_STREAM } from '@coppice/events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { House, type SessionInHouse } from './house.ts'
import { SecondRunner } from './second-runner.ts'

/** Two runners of one workspace, each with a clone of its own, and a session on each. */
const patience = 120_000
let house: House
let second: SecondRunner
let moved: SessionInHouse

const edit = (line: string): string => `\`\`\`sh\nsed -i 's/^two$/${line}/' src/a.txt\n\`\`\``
const conflictsOf = (session: SessionInHouse) => session.state.conflicts ?? []

beforeAll(async () => {
  house = await House.open({}, 'url')
  mkdirSync(path.join(house.at.repo, '.coppice'), { recursive: true })
  writeFileSync(path.join(house.at.repo, '.coppice/setup.sh'), 'mkdir -p ignored\necho ready > ignored/ran.txt\n')
  writeFileSync(path.join(house.at.repo, '.gitignore'), 'ignored/\n')
  house.at.git(['add', '--all'])
  house.at.git(['commit', '-q', '-m', 'setup'])
  second = await SecondRunner.start(house, 'second')
})
afterAll(async () => {
  await second?.stop()
  await house?.[Symbol.asyncDispose]()
})

test('[BE-8, WS-4] a session that another runner takes over gets what its trusted setup script makes there, too', async () => {
  moved = await house.session(edit('moved'))
  const found = await moved.until('setup.found', 1, patience)
  const trust = { path: '.coppice/setup.sh', sha256: String(found.data['sha256']), trusted: true }
  expect(await house.command(WORKSPACE_STREAM, 'workspace.trustScript', trust)).toBeUndefined()
  await moved.until('turn.ended', 1, patience)
  await expect
    .poll(() => moved.state.stored?.commit === moved.state.lastCheckpointCommit, { timeout: patience })
    .toBe(true)
  await house.stopRunner('SIGKILL')
  await moved.send('```sh\ncat ignored/ran.txt > seen.txt\n```')
  await moved.until('session.takenOver', 1, patience)
  await moved.until('turn.ended', 2, patience)
  expect(moved.data('setup.ended')).toMatchObject([{ outcome: 'done' }, { outcome: 'done' }])
  expect(moved.worktree).toContain(second.data)
  expect(existsSync(path.join(moved.worktree, 'ignored/ran.txt'))).toBe(true)
  expect(moved.data('tool.finished').at(-1)).toMatchObject({ outcome: 'done', exitCode: 0 })
}, 240_000)

test('[BE-13] sessions of different runners that change the same line are both told, and told when it is over', async () => {
  await house.startRunner()
  const own = await house.session(edit('own'))
  await own.until('turn.ended', 1, patience)
  const found = { timeout: patience }
  await expect.poll(() => conflictsOf(own), found).toEqual([{ sessionId: moved.id, files: ['src/a.txt'] }])
  await expect.poll(() => conflictsOf(moved), found).toEqual([{ sessionId: own.id, files: ['src/a.txt'] }])
  const teller = (session: SessionInHouse) => session.events.find(({ type }) => type === 'conflicts.found')?.actor.id
  expect([teller(own), teller(moved)]).toEqual([house.started.runnerId, second.runnerId])
  await moved.send("```sh\nsed -i 's/^moved$/two/' src/a.txt\n```")
  await expect.poll(() => conflictsOf(own), found).toEqual([])
  await expect.poll(() => conflictsOf(moved), found).toEqual([])
  await moved.send(edit('again'))
  await expect.poll(() => conflictsOf(own), found).toHaveLength(1)
  await own.command('session.end', { outcome: 'canceled' })
  await own.until('session.ended', 1, patience)
  await expect.poll(() => conflictsOf(moved), found).toEqual([])
}, 240_000)
