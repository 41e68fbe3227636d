import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { House, isAlive, type SessionInHouse } from './house.ts'

/** Agents that do harm, in whole sessions: what is told afterwards is true, nothing is left running, and the session goes on. */
const agent = fileURLToPath(new URL('../agents/hostile-agent.ts', import.meta.url))
const hostile = { provider: 'hostile', model: '', stepMode: 'auto' } as const
let house: House
let stage: string

beforeAll(async () => {
  house = await House.open()
  stage = path.join(house.at.root, 'hostile-stage')
  mkdirSync(house.runnerData, { recursive: true })
  const settings = { name: 'Hostile', command: process.execPath, args: [agent], env: { HOSTILE_FILE: stage } }
  writeFileSync(path.join(house.runnerData, 'providers.json'), JSON.stringify({ hostile: settings }))
})
afterAll(async () => {
  await house?.[Symbol.asyncDispose]()
})

/** The session still works. */
async function goesOn(session: SessionInHouse, turns: number): Promise<void> {
  await session.send('And now properly.')
  const ended = await session.until('turn.ended', turns + 1, 60_000)
  expect(ended.data).toMatchObject({ outcome: 'completed' })
}

describe('an agent that is killed', () => {
  test.each(['start', 'session'])(
    '[BE-3] before it answers (%s): the turn failed, with its exit, and the next works',
    async (at) => {
      writeFileSync(stage, at)
      const session = await house.session('Begin.', hostile)
      const ended = await session.until('turn.ended', 1, 60_000)
      expect(ended.data).toMatchObject({
        outcome: 'failed',
        message: expect.stringContaining('ended by itself (SIGKILL)'),
      })
      await goesOn(session, 1)
    },
  )

  test.each([
    ['message', 'failed'],
    ['tool', 'failed'],
    ['asking', 'failed'],
    ['idle', 'completed'],
  ])(
    '[BE-3] in mid-turn (%s): what it said and did is told as cut off, nothing waits, and the next works',
    async (at, outcome) => {
      const stepMode = at === 'asking' ? 'manual' : 'auto'
      const session = await house.session(`do:die:${at}`, { ...hostile, stepMode })
      const ended = await session.until('turn.ended', 1, 60_000)
      expect(ended.data).toMatchObject({ outcome })
      await session.until('agent.exited', 1, 60_000)
      expect(session.data('agent.exited')).toMatchObject([{ signal: 'SIGKILL', groupGone: true }])
      const [said] = session.data('message.added').filter(({ kind }) => kind === 'agent')
      expect(said).toMatchObject({ completeness: at === 'message' ? 'cut_off' : 'whole' })
      if (at === 'tool' || at === 'asking')
        expect(session.data('tool.finished')).toMatchObject([{ outcome: 'aborted' }])
      if (at === 'asking') expect(session.data('approval.withdrawn')).toMatchObject([{ reason: 'agent_exited' }])
      expect(session.state.approvals).toEqual([])
      await session.command('session.setStepMode', { stepMode: 'auto' })
      await goesOn(session, 1)
    },
  )
})

describe('an agent that says what it should not', () => {
  test('100 MB are cut to what a log can bear, and that is said; runner and server stay small', async () => {
    const session = await house.session('do:flood', hostile)
    const ended = await session.until('turn.ended', 1, 110_000)
    expect(ended.data).toMatchObject({ outcome: 'completed' })
    const bytes = JSON.stringify(session.events).length
    expect(bytes).toBeLessThan(8_000_000)
    const notes = session.data('message.added').filter(({ source }) => source === 'coppice')
    expect(notes).toMatchObject([{ text: expect.stringContaining('said more than') }])
    const status = readFileSync(`/proc/${house.runner?.pid}/status`, 'utf8')
    const peak = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024
    expect(peak).toBeLessThan(700)
    const logs = path.join(house.runnerData, 'logs')
    for (const name of readdirSync(logs)) expect(statSync(path.join(logs, name)).size).toBeLessThan(16_000_000)
    await goesOn(session, 1)
  })

  test('broken lines, unknown updates and requests, answers that nobody asked for: each costs nothing but itself', async () => {
    const session = await house.session('do:broken', hostile)
    const ended = await session.until('turn.ended', 1, 60_000)
    expect(ended.data).toMatchObject({ outcome: 'completed' })
    expect(session.data('message.added').map(({ text }) => text)).toEqual(['I begin. ', 'I end.'])
    expect(session.data('tool.finished').filter(({ family }) => family === 'run')).toHaveLength(1)
    await goesOn(session, 1)
  })
})

describe('an agent that does not end', () => {
  test('[BE-3] it answers no cancel: it is killed, the turn says so, and the next works', async () => {
    writeFileSync(stage, '')
    const session = await house.session('do:deaf', hostile)
    const { turnId } = (await session.until('turn.started')).data
    await expect.poll(() => readFileSync(stage, 'utf8')).toBe('deaf')
    await session.command('turn.stop', { turnId: String(turnId) })
    const ended = await session.until('turn.ended', 1, 60_000)
    expect(ended.data).toMatchObject({
      outcome: 'stopped',
      message: expect.stringContaining('did not answer the stop'),
    })
    expect(session.types).not.toContain('turn.stopAcknowledged')
    await goesOn(session, 1)
  })

  test('a child that made a session of its own is gone when the session ends', async () => {
    const session = await house.session('do:stray', hostile)
    await session.until('turn.ended', 1, 60_000)
    const said = session
      .data('message.added')
      .map(({ text }) => String(text))
      .join('')
    const pid = /stray (\d+)/.exec(said)?.[1] ?? ''
    expect(isAlive(pid)).toBe(true)
    await session.command('session.end', { outcome: 'done' })
    await session.until('session.ended', 1, 60_000)
    await expect.poll(() => isAlive(pid)).toBe(false)
  })
})

describe('an agent that turns against the repository', () => {
  const sh = (...lines: string[]): string => ['```sh', ...lines, '```'].join('\n')

  test('[BE-9] another branch, its own commits, a rewritten history: what it did is shown, and Done keeps all of it', async () => {
    const session = await house.session(
      sh(
        'echo one > one.txt && git add . && git -c user.name=A -c user.email=a@b commit -qm one',
        'git checkout -qb elsewhere && echo two > two.txt && git add . && git -c user.name=A -c user.email=a@b commit -qm two',
        'git -c user.name=A -c user.email=a@b commit -q --amend -m rewritten && echo three > three.txt',
      ),
    )
    await session.until('turn.ended')
    const status = await house.query({ kind: 'git.status', sessionId: session.id })
    expect(status).toMatchObject({ ok: true, branch: 'elsewhere', aheadOfBase: 2 })
    expect(session.data('checkpoint.created').at(-1)).toMatchObject({ fileCount: 3 })
    await session.command('session.end', { outcome: 'done' })
    await session.until('session.ended', 1, 60_000)
    await session.command('session.restore', {})
    await session.until('worktree.restored', 1, 60_000)
    for (const name of ['one', 'two', 'three'])
      expect(readFileSync(path.join(session.worktree, `${name}.txt`), 'utf8')).toBe(`${name}\n`)
  })

  test('[BE-9] a history reset to nothing, objects thrown away: what stood in a checkpoint can be brought back', async () => {
    const session = await house.session(sh('echo kept > kept.txt'))
    await session.until('turn.ended')
    await session.send(
      sh(
        'git reset -q --hard HEAD && git clean -qfdx && git reflog expire --expire=now --all && git gc -q --prune=now',
      ),
    )
    await session.until('turn.ended', 2, 60_000)
    expect(existsSync(path.join(session.worktree, 'kept.txt'))).toBe(false)
    const messageId = String(
      session.data('message.queued')[1]?.['messageId'] ?? session.data('turn.started')[1]?.['messageIds'],
    )
    await session.command('session.rewind', { rewindId: 'r-1', messageId, restore: 'code' })
    await session.until('session.rewound', 1, 60_000)
    expect(readFileSync(path.join(session.worktree, 'kept.txt'), 'utf8')).toBe('kept\n')
  })

  test('hooks that it plants in .git run for nothing that Coppice does by itself; a link to git that is gone is told', async () => {
    const planted = path.join(house.at.root, 'planted')
    const session = await house.session(
      sh(
        'hooks=$(git rev-parse --git-common-dir)/hooks && mkdir -p "$hooks"',
        `for one in post-checkout reference-transaction pre-auto-gc post-commit pre-merge-commit post-merge; do printf '#!/bin/sh\\ntouch ${planted}\\n' > "$hooks/$one" && chmod +x "$hooks/$one"; done`,
        'rm -f .git && echo "gitdir: /nowhere" > .git',
      ),
    )
    const ended = await session.until('turn.ended')
    expect(ended.data).toHaveProperty('outcome')
    const said = session.data('message.added').filter(({ kind }) => kind === 'system')
    expect(JSON.stringify(said)).toContain('could not be kept in a checkpoint')
    const other = await house.session('Hello.')
    await other.until('turn.ended')
    await other.command('session.end', { outcome: 'done' })
    await other.until('session.ended', 1, 60_000)
    expect(existsSync(planted)).toBe(false)
  })
})
