import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { House, isAlive } from './house.ts'

let house: House
beforeEach(async () => {
  house = await House.open()
})
afterEach(() => house[Symbol.asyncDispose]())

const until = (condition: () => boolean): Promise<void> => expect.poll(condition, { timeout: 60_000 }).toBe(true)
const fileHas = (file: string): boolean => existsSync(file) && readFileSync(file, 'utf8').trim() !== ''

describe('a runner that is killed in mid-turn', () => {
  test('[BE-3] tells the truth when it is back: what was cut off, what was aborted; nothing is left running; one click goes on', async () => {
    const words = Array.from({ length: 40 }, (_, i) => `word${i}`).join(' ')
    const session = await house.session(
      `Before.\n\`\`\`sh\necho begin; (sleep 300 & echo $! > child.pid); sleep 300\n\`\`\`\n${words}`,
    )
    await session.until('tool.started')
    const pidFile = path.join(session.worktree, 'child.pid')
    await until(() => fileHas(pidFile))
    // What it said has come as far as the runner's own record, too.
    await until(() => house.live.some((item) => item.kind === 'text' && item.channel === 'output'))
    await session.send('```sh\ntouch later\n```')
    await house.stopRunner('SIGKILL')
    const pid = readFileSync(pidFile, 'utf8').trim()
    await house.startRunner()
    const ended = await session.until('turn.ended')
    expect(ended.data).toMatchObject({ outcome: 'aborted_by_restart' })
    await expect.poll(() => isAlive(pid)).toBe(false)
    expect(session.data('tool.finished')).toMatchObject([{ outcome: 'aborted', output: 'begin\n' }])
    expect(session.data('message.added')).toMatchObject([{ text: 'Before.', completeness: 'whole' }])
    expect(session.state).toMatchObject({ status: 'waiting', held: 'aborted' })
    await session.command('queue.release', {})
    await session.until('turn.ended', 2)
    expect(existsSync(path.join(session.worktree, 'later'))).toBe(true)
    expect(session.types.filter((type) => type === 'worktree.ready')).toHaveLength(1)
  })

  test('a message that was being said is kept as far as it had come, marked cut off; a pending approval is withdrawn', async () => {
    const slow = await house.session(`${'many words to say '.repeat(400)}\n\`\`\`sh\ntrue\n\`\`\``)
    const asking = await house.session('```sh\ntouch never\n```', { stepMode: 'manual' })
    const asked = await asking.until('approval.requested')
    await until(() => house.live.some((item) => item.kind === 'text' && item.channel === 'agent' && item.offset > 50))
    await house.stopRunner('SIGKILL')
    await house.startRunner()
    await slow.until('turn.ended')
    const [message] = slow.data('message.added')
    expect(message).toMatchObject({ kind: 'agent', completeness: 'cut_off' })
    expect(String(message?.['text'])).toMatch(/^many words to say many words/)
    await asking.until('turn.ended')
    expect(asking.data('approval.withdrawn')).toMatchObject([{ reason: 'restart' }])
    const late = await asking.command('approval.answer', {
      approvalId: String(asked.data['approvalId']),
      decision: 'allow_once',
    })
    expect(late?.code).toBe('approval_settled')
    expect(existsSync(path.join(asking.worktree, 'never'))).toBe(false)
  })

  test('SIGTERM ends agents and their children, and the log knows at once', async () => {
    const session = await house.session('```sh\n(sleep 300 & echo $! > child.pid); sleep 300\n```')
    await session.until('tool.started')
    const pidFile = path.join(session.worktree, 'child.pid')
    await until(() => fileHas(pidFile))
    expect(await house.stopRunner('SIGTERM')).toBe(0)
    await expect.poll(() => isAlive(readFileSync(pidFile, 'utf8').trim())).toBe(false)
    expect((await session.until('turn.ended')).data).toMatchObject({ outcome: 'aborted_by_restart' })
    expect(session.data('agent.exited')).toMatchObject([{ groupGone: true }])
  })

  test('an ending that was cut short is finished: the worktree is archived and removed', async () => {
    const session = await house.session('```sh\necho x > x.txt\n```')
    await session.until('turn.ended')
    const { worktree } = session
    await session.command('session.end', { outcome: 'done' })
    await session.until('session.ended')
    await house.stopRunner('SIGKILL')
    await house.startRunner()
    await session.until('worktree.removed')
    expect(existsSync(worktree)).toBe(false)
    expect(session.types).not.toContain('worktree.kept')
  })

  test('a git operation that had begun is not done twice, and its end is told', async () => {
    const session = await house.session('```file path=c.txt\nc\n```')
    await session.until('turn.ended')
    // A hook that takes long: the runner dies after the log knows that the commit began.
    const hook = path.join(house.at.repo, '.git/hooks/post-commit')
    mkdirSync(path.dirname(hook), { recursive: true })
    writeFileSync(hook, '#!/bin/sh\ntouch committed; sleep 5\n', { mode: 0o755 })
    await session.git({ kind: 'stage', paths: [] })
    const operation = { kind: 'commit' as const, message: 'Add c', author: { name: 'Ann', email: 'ann@example.org' } }
    await session.command('git.request', { operationId: 'op1', operation })
    await until(() => existsSync(path.join(session.worktree, 'committed')))
    await house.stopRunner('SIGKILL')
    await house.startRunner()
    const done = await session.until('git.completed', 2)
    expect(done.data['operationId']).toBe('op1')
    expect(house.at.git(['log', '--format=%s'], session.worktree).split('\n')).toEqual(['Add c', 'first'])
  })
})

describe('a server that is away', () => {
  test('the agent goes on, what it does is kept on disk and arrives once, in order, when the server is back', async () => {
    const session = await house.session(
      '```sh\nwhile [ ! -e go ]; do sleep 0.05; done; echo late > late.txt\n```\nAll done here.',
    )
    await session.until('tool.started')
    const port = Number(new URL(house.started.url).port)
    await house.stopServer('SIGKILL')
    writeFileSync(path.join(session.worktree, 'go'), '')
    await until(() => fileHas(path.join(session.worktree, 'late.txt')))
    await until(() => readFileSync(path.join(house.runnerData, 'spool.jsonl'), 'utf8').includes('All done here.'))
    await house.startServer(port)
    await session.until('turn.ended')
    const told = session.types.filter((type) =>
      ['tool.started', 'tool.finished', 'message.added', 'turn.ended'].includes(type),
    )
    expect(told).toEqual(['tool.started', 'tool.finished', 'message.added', 'turn.ended'])
    expect(session.data('turn.ended')).toMatchObject([{ outcome: 'completed' }])
    expect(house.runner?.exitCode).toBeNull()
  })
})

describe('two processes of one runner', () => {
  test('the older one is fenced: it ends its agents and goes, with a clear line', async () => {
    const session = await house.session('```sh\n(sleep 300 & echo $! > child.pid); sleep 300\n```')
    await session.until('tool.started')
    const pidFile = path.join(session.worktree, 'child.pid')
    await until(() => fileHas(pidFile))
    const older = house.runner
    const { runnerData } = house
    Object.defineProperty(house, 'runnerData', { value: `${runnerData}-other` })
    await house.startRunner()
    await until(() => older?.exitCode === 2)
    await expect.poll(() => isAlive(readFileSync(pidFile, 'utf8').trim())).toBe(false)
    await expect.poll(() => house.runnerSaid.join('\n')).toContain('Another process of this runner has connected')
    expect((await session.until('turn.ended')).data).toMatchObject({ outcome: 'aborted_by_restart' })
  })

  test('one data folder is for one runner', () => {
    const main = fileURLToPath(new URL('../../apps/runner/src/main.ts', import.meta.url))
    const start = (): string =>
      execFileSync(
        process.execPath,
        [main, '--server', house.started.url, '--data', house.runnerData, '--token-file', house.tokenFile],
        { encoding: 'utf8', stdio: 'pipe' },
      )
    expect(start).toThrow(/is in use by another runner/)
  })
})

describe('secrets', () => {
  test('known secrets are taken out of everything that leaves the runner, live text too', async () => {
    await house.stopRunner()
    process.env['MY_API_KEY'] = 'sk-very-secret-value'
    try {
      await house.startRunner()
      const session = await house.session('The key is sk-very-secret-value indeed.\n```sh\necho $MY_API_KEY\n```')
      await session.until('turn.ended')
      const runnerSide = session.events.filter(
        (event) => event.actor.kind !== 'user' && event.type !== 'message.queued',
      )
      expect(JSON.stringify(runnerSide)).not.toContain('very-secret')
      expect(JSON.stringify(house.live)).not.toContain('very-secret')
      expect(session.data('tool.finished')).toMatchObject([{ output: '[redacted]\n' }])
      expect(session.data('message.added')).toMatchObject([{ text: 'The key is [redacted] indeed.' }])
    } finally {
      delete process.env['MY_API_KEY']
    }
  })
})
