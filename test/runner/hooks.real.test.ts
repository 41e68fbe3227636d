import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { newId, WORKSPACE_STREAM, type HookEvent, type WorkspaceHook } from '@coppice/events'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { House, isAlive, type SessionInHouse } from './house.ts'

const PATIENCE = 60_000

let house: House
let made: string[] = []
beforeAll(async () => {
  house = await House.open()
})
afterAll(() => house[Symbol.asyncDispose]())
afterEach(async () => {
  for (const hookId of made) await house.command(WORKSPACE_STREAM, 'workspace.removeHook', { hookId })
  made = []
  await house.command(WORKSPACE_STREAM, 'workspace.setHookOptions', { inChat: false, doneRetry: false })
})

async function hook(event: HookEvent, script: string, more: Partial<WorkspaceHook> = {}): Promise<WorkspaceHook> {
  const one: WorkspaceHook = {
    hookId: newId(),
    event,
    name: `hook ${newId().slice(-6)}`,
    work: { kind: 'script', script },
    stopOnFailure: true,
    retries: 0,
    timeoutSeconds: 60,
    report: 'truncated',
    files: [],
    branches: [],
    ...more,
  }
  expect(await house.command(WORKSPACE_STREAM, 'workspace.setHook', one)).toBeUndefined()
  made.push(one.hookId)
  return one
}

type Round = {
  roundId: string
  event: string
  tree: string
  runs: { runId: string; hookId: string }[]
  skipped: unknown[]
}
const rounds = (session: SessionInHouse, event: HookEvent): Round[] =>
  session.data('hooks.begun').filter((data) => data['event'] === event) as unknown as Round[]

/** Waits for the n-th round of an event to end, and gives it with the ends of its runs. */
async function round(session: SessionInHouse, event: HookEvent, nth = 1) {
  const finished = () => session.data('hooks.finished').filter((data) => data['event'] === event)
  await expect.poll(() => finished().length, { timeout: PATIENCE }).toBeGreaterThanOrEqual(nth)
  const begun = rounds(session, event)[nth - 1]
  if (!begun) throw new Error(`no round ${nth} of ${event}`)
  const ends = session.data('hook.ended').filter((data) => data['roundId'] === begun.roundId)
  return { ...begun, ends }
}

const output = async (stream: unknown): Promise<string> => {
  const headers = { authorization: `Bearer ${house.started.ownerToken}` }
  return (await fetch(`${house.started.url}/streams/${house.workspaceId}/${String(stream)}`, { headers })).text()
}
const inWorktree = (session: SessionInHouse, name: string): string => path.join(session.worktree, name)
const failures = (session: SessionInHouse): string[] =>
  session
    .data('message.queued')
    .filter((data) => data['hook'])
    .map((data) => String(data['text']))

describe('when they run', () => {
  test('[H-1] [H-2] [H-3] [H-4] [H-7] in the life of a session: before the agent begins, at each turn, after it, at its end', async () => {
    const note = 'echo "$COPPICE_HOOK $(cat agent.txt 2>/dev/null)" >> hooks.txt'
    await hook('init', `sleep 0.5; ${note}`)
    await hook('start', note)
    await hook('agent_finish', note)
    await hook('agent_finish', 'echo second >> hooks.txt')
    await hook('done', note)
    const session = await house.session('```sh\necho agent >> hooks.txt; echo ready > agent.txt\n```')
    await round(session, 'agent_finish')
    expect(readFileSync(inWorktree(session, 'hooks.txt'), 'utf8')).toBe(
      'init \nstart \nagent\nagent_finish ready\nsecond\n',
    )
    expect(await session.command('session.end', { outcome: 'done' })).toBeUndefined()
    await session.until('session.ended', 1, PATIENCE)
    expect(await round(session, 'done')).toMatchObject({ ends: [{ status: 'completed', exitCode: 0 }] })
    const order = session.types.filter((type) => ['hooks.finished', 'turn.started', 'session.ended'].includes(type))
    expect(order).toEqual([
      'hooks.finished',
      'turn.started',
      'hooks.finished',
      'hooks.finished',
      'hooks.finished',
      'session.ended',
    ])
  })

  test('[H-5] [H-49] a canceled session is cleaned up by its hooks, with the agent gone, and is canceled then', async () => {
    const gone = path.join(house.at.root, newId())
    await hook('cancel', `test -e agent.txt && touch ${gone}`)
    const session = await house.session('```sh\ntouch agent.txt; sleep 300\n```')
    await session.until('tool.started', 1, PATIENCE)
    await expect.poll(() => existsSync(inWorktree(session, 'agent.txt'))).toBe(true)
    expect(await session.command('session.end', { outcome: 'canceled' })).toBeUndefined()
    expect((await session.until('session.ended', 1, PATIENCE)).data).toMatchObject({ outcome: 'canceled' })
    expect(existsSync(gone)).toBe(true)
    expect(session.data('hooks.begun').map((data) => data['event'])).toEqual(['cancel'])
  })

  test('[H-6] [H-48] [H-45] [H-46] an event that is off runs none; Chat runs none until the workspace wants it', async () => {
    await hook('agent_finish', 'true')
    expect(
      await house.command(WORKSPACE_STREAM, 'workspace.switchHooks', { event: 'agent_finish', on: false }),
    ).toBeUndefined()
    const off = await house.session('One.')
    await off.until('turn.ended', 1, PATIENCE)
    expect(
      await house.command(WORKSPACE_STREAM, 'workspace.switchHooks', { event: 'agent_finish', on: true }),
    ).toBeUndefined()
    const chat = await house.session('Two.', { mode: 'chat' })
    await chat.until('turn.ended', 1, PATIENCE)
    const develop = await house.session('Three.')
    await round(develop, 'agent_finish')
    await house.command(WORKSPACE_STREAM, 'workspace.setHookOptions', { inChat: true, doneRetry: false })
    await chat.send('Four.')
    await round(chat, 'agent_finish')
    expect(off.types).not.toContain('hooks.begun')
    expect(rounds(chat, 'agent_finish')).toHaveLength(1)
  })

  test('[H-19] [H-20] [H-22] filters: files as in .gitignore against the branch point, globs for the branch; what is left out says why', async () => {
    await hook('init', 'true', { files: ['*.nothing'] })
    await hook('agent_finish', 'true', { name: 'docs', files: ['docs/*', '!docs/draft.md'] })
    await hook('agent_finish', 'true', { name: 'code', files: ['src/**/*.ts'] })
    await hook('agent_finish', 'true', { name: 'releases', branches: ['release/*'] })
    await hook('agent_finish', 'true', { name: 'main', branches: ['release/*', 'ma*'] })
    const session = await house.session(
      '```sh\nmkdir -p src/a docs && echo x > src/a/b.ts && echo x > docs/draft.md\n```',
    )
    expect(await round(session, 'init')).toMatchObject({ runs: [{}], skipped: [] })
    const { runs, skipped } = await round(session, 'agent_finish')
    expect(runs).toMatchObject([{ name: 'code' }, { name: 'main' }])
    expect(skipped).toMatchObject([
      { name: 'docs', why: expect.stringContaining('file filter') as string },
      { name: 'releases', why: expect.stringContaining('main') as string },
    ])
  })

  test('a turn that ends while hooks run gets one more round, on the newest tree', async () => {
    const gate = path.join(house.at.root, newId())
    await hook('agent_finish', `while [ ! -e ${gate} ]; do sleep 0.05; done`)
    const session = await house.session('```sh\necho 1 > n.txt\n```')
    await expect.poll(() => session.types, { timeout: PATIENCE }).toContain('hook.started')
    for (const n of [2, 3]) {
      await session.send(`\`\`\`sh\necho ${n} > n.txt\n\`\`\``)
      await session.until('turn.ended', n, PATIENCE)
    }
    expect(rounds(session, 'agent_finish')).toHaveLength(1)
    writeFileSync(gate, '')
    const second = await round(session, 'agent_finish', 2)
    const trees = session.data('checkpoint.created').filter((data) => data['reason'] === 'turn_end')
    expect(second.tree).toBe(trees[2]?.['tree'])
    expect(rounds(session, 'agent_finish')[0]?.tree).toBe(trees[0]?.['tree'])
    expect(rounds(session, 'agent_finish')).toHaveLength(2)
  })
})

describe('how they come out', () => {
  test('[H-8] [H-9] [H-10] [H-25] [H-27] [H-28] [H-29] a task of the workspace or a script; output, exit code and duration are kept', async () => {
    const task = {
      taskId: newId(),
      name: 'hello',
      kind: 'test' as const,
      folder: 'src',
      script: 'pwd; exit 4',
      environment: [],
    }
    expect(await house.command(WORKSPACE_STREAM, 'workspace.setTask', task)).toBeUndefined()
    await hook('agent_finish', '', {
      name: 'By task',
      work: { kind: 'task', task: 'hello' },
      stopOnFailure: false,
      report: 'none',
    })
    await hook('agent_finish', "printf '\\033[31mred\\033[0m\\n'", { name: 'By script' })
    await hook('agent_finish', '', { name: 'Lost', work: { kind: 'task', task: 'gone' }, report: 'none' })
    const session = await house.session('Hello.')
    const { ends, runs } = await round(session, 'agent_finish')
    expect(runs).toMatchObject([{ name: 'By task' }, { name: 'By script' }, { name: 'Lost' }])
    expect(ends).toMatchObject([
      { status: 'failed', reason: 'exit', exitCode: 4, message: 'It ended with code 4.' },
      { status: 'completed', exitCode: 0 },
      { status: 'failed', reason: 'could_not_start', message: expect.stringContaining('no task "gone"') as string },
    ])
    expect(ends[0]?.['durationMs']).toBeGreaterThan(0)
    const streams = session.data('hook.started').map((data) => data['stream'])
    await expect.poll(() => output(streams[0]), { timeout: PATIENCE }).toBe(`${session.worktree}/src\n`)
    await expect.poll(() => output(streams[1]), { timeout: PATIENCE }).toBe('\u001b[31mred\u001b[0m\n')
    expect(failures(session)).toEqual([])
  })

  test('[H-12] a failure stops those after it where it is to, and not where it is not', async () => {
    await hook('agent_finish', 'exit 1', { name: 'first', stopOnFailure: false, report: 'none' })
    await hook('agent_finish', 'exit 2', { name: 'second', report: 'none' })
    await hook('agent_finish', 'true', { name: 'third' })
    const session = await house.session('Hello.')
    const { ends } = await round(session, 'agent_finish')
    expect(ends).toMatchObject([
      { status: 'failed', exitCode: 1 },
      { status: 'failed', exitCode: 2 },
      { status: 'failed', reason: 'not_run', message: 'It did not run because second failed.' },
    ])
  })

  test('[H-13] [H-14] it is tried again as often as it may; what takes too long has failed, and its processes are gone', async () => {
    await hook('agent_finish', 'echo try >> tries.txt; test $(wc -l < tries.txt) -ge 3', { retries: 2 })
    await hook('agent_finish', 'setsid sleep 600 & echo $! > slow.pid; sleep 600', {
      timeoutSeconds: 1,
      report: 'none',
    })
    const session = await house.session('Hello.')
    const { ends } = await round(session, 'agent_finish')
    expect(ends).toMatchObject([{ status: 'completed' }, { status: 'failed', reason: 'timeout' }])
    expect(ends[1]?.['message']).toContain('longer than 1 s')
    expect(session.data('hook.started').map((data) => data['attempt'])).toEqual([1, 2, 3, 1])
    const pid = readFileSync(inWorktree(session, 'slow.pid'), 'utf8').trim()
    await expect.poll(() => isAlive(pid)).toBe(false)
  })

  test('[H-42] [H-43] [H-44] a person cancels one: its children are gone, it has failed as canceled, and nobody is told of a failure', async () => {
    const slow = await hook('agent_finish', 'setsid sleep 600 & echo $! > child.pid; wait')
    const session = await house.session('Hello.')
    await expect
      .poll(() => session.worktree !== '' && existsSync(inWorktree(session, 'child.pid')), { timeout: PATIENCE })
      .toBe(true)
    const [begun] = rounds(session, 'agent_finish')
    const run = begun?.runs.find((one) => one.hookId === slow.hookId)
    expect(await session.command('hook.cancel', { runId: run?.runId ?? '' })).toBeUndefined()
    const { ends } = await round(session, 'agent_finish')
    expect(ends).toMatchObject([{ status: 'failed', reason: 'canceled', message: 'It was canceled.' }])
    const pid = readFileSync(inWorktree(session, 'child.pid'), 'utf8').trim()
    await expect.poll(() => isAlive(pid)).toBe(false)
    expect(failures(session)).toEqual([])
    expect((await session.command('hook.cancel', { runId: run?.runId ?? '' }))?.message).toContain('already ended')
  })

  test('a hook goes on after a restart of the runner, and runs again from its beginning', async () => {
    const gate = path.join(house.at.root, newId())
    await hook('agent_finish', `echo run; while [ ! -e ${gate} ]; do sleep 0.05; done`)
    await hook('agent_finish', 'echo after')
    const session = await house.session('Hello.')
    await session.until('hook.started', 1, PATIENCE)
    for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
      const begun = session.data('hook.started').length
      await house.stopRunner(signal)
      await house.startRunner()
      await session.until('hook.started', begun + 1, PATIENCE)
    }
    writeFileSync(gate, '')
    const { ends } = await round(session, 'agent_finish')
    expect(ends).toMatchObject([{ status: 'completed' }, { status: 'completed' }])
    const stream = session.data('hook.started').at(-2)?.['stream']
    await expect.poll(() => output(stream), { timeout: PATIENCE }).toBe('run\n')
    expect(new Set(session.data('hook.started').map((data) => data['stream'])).size).toBe(4)
  })
})

describe('what becomes of a failure', () => {
  test('[M-12] [H-15] [H-16] [H-17] [H-18] [H-30] its message goes to the agent as its setting says, one turn for one round', async () => {
    const print = 'head -c 90000 /dev/zero | tr "\\0" x; echo; echo the end; exit 7'
    await hook('agent_finish', print, { name: 'none', report: 'none', stopOnFailure: false, files: ['go'] })
    await hook('agent_finish', print, { name: 'cut', report: 'truncated', stopOnFailure: false, files: ['go'] })
    await hook('agent_finish', print, { name: 'full', report: 'full', stopOnFailure: false, files: ['go'] })
    await hook('agent_finish', 'test ! -e go', { name: 'command', report: 'command', files: ['go'] })
    const session = await house.session('```sh\ntouch go\n```')
    await round(session, 'agent_finish')
    const texts = failures(session)
    expect(texts).toHaveLength(3)
    expect(texts[0]).toMatch(/^The hook "cut" \(On Agent Finish\) failed\. It ended with code 7\.\n\n```\n\$ head/)
    expect(texts[0]).toContain('The last 4,000 characters of 90,009 bytes')
    expect(texts[0]?.length).toBeLessThan(5_000)
    const [file] = (session
      .data('message.queued')
      .find((data) => (data['hook'] as { name?: string } | undefined)?.name === 'full')?.['attachments'] ?? []) as {
      size: number
      name: string
    }[]
    expect(file).toMatchObject({ size: 90_009, name: 'full-output.txt' })
    expect(texts[2]).toBe(
      'The hook "command" (On Agent Finish) failed. It ended with code 1.\n\n```\n$ test ! -e go\n```',
    )
    await session.until('turn.ended', 2, PATIENCE)
    expect(session.data('turn.started')[1]?.['messageIds']).toHaveLength(3)
  })

  test('[H-30] hooks begin three turns in a row at most; then the session waits for a person, whose word counts anew', async () => {
    await hook('agent_finish', 'false', { name: 'never' })
    const session = await house.session('Hello.')
    await round(session, 'agent_finish', 4)
    expect(failures(session)).toHaveLength(3)
    await expect
      .poll(() => session.data('message.added').filter((data) => data['kind'] === 'hook_failure').length, {
        timeout: PATIENCE,
      })
      .toBe(1)
    await expect
      .poll(
        () =>
          session
            .data('message.added')
            .map((data) => String(data['text']))
            .join('\n'),
        { timeout: PATIENCE },
      )
      .toContain('Hooks have begun 3 turns in a row')
    expect(session.data('turn.started')).toHaveLength(4)
    expect(session.state).toMatchObject({ status: 'waiting', queue: [] })
    await session.send('Again.')
    await round(session, 'agent_finish', 5)
    await expect.poll(() => failures(session).length, { timeout: PATIENCE }).toBe(4)
  })

  test('[H-35] [H-36] [H-37] [H-38] [H-41] hooks of Done give the session back to its agent, and it is Done when they pass', async () => {
    await house.command(WORKSPACE_STREAM, 'workspace.setHookOptions', { inChat: false, doneRetry: true })
    await hook('done', 'echo look >> looked.txt; test $(wc -l < looked.txt) -ge 2', { name: 'lint', report: 'full' })
    const session = await house.session('Hello.')
    await session.until('turn.ended', 1, PATIENCE)
    expect(await session.command('session.end', { outcome: 'done' })).toBeUndefined()
    await session.until('session.reopened', 1, PATIENCE)
    await session.until('session.ended', 1, PATIENCE)
    const order = session.types.filter((type) => /^(session\.(endRequested|reopened|ended)|turn\.started)$/.test(type))
    expect(order).toEqual([
      'turn.started',
      'session.endRequested',
      'session.reopened',
      'turn.started',
      'session.endRequested',
      'session.ended',
    ])
    expect(failures(session)[0]).toContain('The hook "lint" (On Done) failed.')
    expect(session.state.status).toBe('done')
  })

  test('[H-39] [H-40] three retries at most, then it stays open; without retries it is Done and the failure is shown', async () => {
    const never = await hook('done', 'false', { name: 'never' })
    const plain = await house.session('Hello.')
    await plain.until('turn.ended', 1, PATIENCE)
    await plain.command('session.end', { outcome: 'done' })
    await plain.until('session.ended', 1, PATIENCE)
    expect(plain.data('message.added')).toContainEqual(
      expect.objectContaining({ kind: 'hook_failure', source: 'never' }),
    )
    await house.command(WORKSPACE_STREAM, 'workspace.resetHook', { hookId: never.hookId })
    await house.command(WORKSPACE_STREAM, 'workspace.setHookOptions', { inChat: false, doneRetry: true })
    const session = await house.session('Hello.')
    await session.until('turn.ended', 1, PATIENCE)
    await session.command('session.end', { outcome: 'done' })
    await session.until('session.reopened', 4, PATIENCE)
    expect(session.data('session.reopened').map((data) => data['retry'])).toEqual([1, 2, 3, undefined])
    expect(session.state).toMatchObject({ status: 'waiting', ending: 'none', queue: [] })
    expect(session.types).not.toContain('session.ended')
  })

  test('[H-39] after a cancel there is no retry', async () => {
    await house.command(WORKSPACE_STREAM, 'workspace.setHookOptions', { inChat: false, doneRetry: true })
    await hook('done', 'false', { name: 'first', stopOnFailure: false })
    await hook('done', 'sleep 300', { name: 'slow' })
    const session = await house.session('Hello.')
    await session.until('turn.ended', 1, PATIENCE)
    await session.command('session.end', { outcome: 'done' })
    await session.until('hook.started', 2, PATIENCE)
    const runId = String(session.data('hook.started')[1]?.['runId'])
    expect(await session.command('hook.cancel', { runId })).toBeUndefined()
    await session.until('session.ended', 1, PATIENCE)
    expect(session.types).not.toContain('session.reopened')
  })

  test('[H-31] [H-32] [H-34] a hook that fails five times in a row over two sessions is off in its workspace, and says so; a change of it counts anew', async () => {
    const failing = await hook('agent_finish', 'exit 1', { name: 'broken', report: 'none' })
    const one = await house.session('Hello.')
    await round(one, 'agent_finish')
    for (const n of [2, 3, 4, 5]) {
      await one.send('Again.')
      await round(one, 'agent_finish', n)
    }
    const trips = () => house.events.filter((event) => event.type === 'workspace.hookTripped')
    const before = trips().length
    const two = await house.session('Hello.')
    await round(two, 'agent_finish')
    await expect.poll(() => trips().length, { timeout: PATIENCE }).toBe(before + 1)
    expect(trips().at(-1)?.data).toMatchObject({ hookId: failing.hookId, failures: 6, sessions: 2 })
    expect(Number(trips().at(-1)?.data['until'])).toBeGreaterThan(Date.now() + 9 * 60_000)
    await two.send('Again.')
    expect(await round(two, 'agent_finish', 2)).toMatchObject({ runs: [], skipped: [{ name: 'broken' }] })
    await hook('agent_finish', 'exit 0', { ...failing, work: { kind: 'script', script: 'exit 0' } })
    await two.send('Again.')
    expect(await round(two, 'agent_finish', 3)).toMatchObject({
      runs: [{ name: 'broken' }],
      ends: [{ status: 'completed' }],
    })
  })
})

test('[H-49] the usual set: install first, tests after the agent, lint at Done', async () => {
  await hook('init', 'mkdir -p node_modules && echo installed > node_modules/x', { name: 'Install' })
  await hook('agent_finish', 'test -e node_modules/x && grep -q good answer.txt', { name: 'Tests' })
  await hook('done', 'grep -q good answer.txt', { name: 'Lint', report: 'full' })
  execFileSync('git', ['-C', house.at.repo, 'status'], { stdio: 'ignore' })
  const session = await house.session('```sh\ntest -e node_modules/x && echo bad > answer.txt\n```')
  await round(session, 'agent_finish')
  await expect.poll(() => failures(session).length, { timeout: PATIENCE }).toBe(1)
  await session.until('turn.ended', 2, PATIENCE)
  await round(session, 'agent_finish', 2)
  await session.send('```sh\necho good > answer.txt\n```')
  await expect
    .poll(() => session.data('hooks.finished').at(-1), { timeout: PATIENCE })
    .toMatchObject({ event: 'agent_finish', failed: 0 })
  await session.command('session.end', { outcome: 'done' })
  await session.until('session.ended', 1, PATIENCE)
  expect(session.state.status).toBe('done')
})
