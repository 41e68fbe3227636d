import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { newId, workspaceLog, WORKSPACE_STREAM } from '@coppice/events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { House, isAlive } from './house.ts'

let house: House
beforeAll(async () => {
  house = await House.open()
})
afterAll(() => house[Symbol.asyncDispose]())

const words = (list: readonly Record<string, unknown>[], key: string): unknown[] => list.map((one) => one[key])

describe('a session, from its first message to its end', () => {
  test('[S-7] [S-19] it gets a worktree on a branch of its own, the message is delivered, and the end of the turn makes it Waiting', async () => {
    const session = await house.session(
      'Make a file.\n```file path=b.txt\nhello\n```\n```sh\ncat b.txt\n```\nThat is it.',
    )
    await session.until('turn.ended')
    const order = session.types.filter((type) => !type.startsWith('checkpoint') && !type.startsWith('tool.permitted'))
    expect(order).toEqual([
      'session.created',
      'message.queued',
      'worktree.ready',
      'turn.started',
      'message.added',
      'tool.started',
      'tool.finished',
      'tool.started',
      'tool.finished',
      'message.added',
      'turn.ended',
    ])
    expect(session.state.status).toBe('waiting')
    expect(session.data('turn.ended')[0]).toMatchObject({
      outcome: 'completed',
      usage: { usd: 0, inputTokens: 0, source: 'reported' },
    })
    expect(readFileSync(path.join(session.worktree, 'b.txt'), 'utf8')).toBe('hello\n')
    expect(existsSync(path.join(house.at.repo, 'b.txt'))).toBe(false)
    expect(session.state.branch).toMatch(/^coppice\/make-a-file-/)
    expect(session.data('checkpoint.created').map((one) => [one['reason'], one['fileCount']])).toEqual([
      ['turn_start', 0],
      ['turn_end', 1],
    ])
    const progress = house.live.flatMap((item) => (item.kind === 'progress' ? [item.step] : []))
    expect(progress).toContain('worktree')
    expect(progress).toContain('agent')
  })

  test('[M-10] [M-11] [M-13] [TD-5] thinking, words and tools are told apart; a command with its exit code, a file with its diff from git', async () => {
    const session = await house.session(
      '```think\nLet me see.\n```\nFirst.\n```edit path=src/a.txt\n<<<<<<< find\ntwo\n=======\nzwei\n>>>>>>> replace\n```\n```sh\necho bad >&2; exit 3\n```',
    )
    await session.until('turn.ended')
    expect(session.data('message.added').map((one) => [one['kind'], one['text']])).toEqual([
      ['thinking', 'Let me see.'],
      ['agent', 'First.'],
      ['agent', 'The command ended with code 3, so the script stops here.'],
    ])
    const [edit, run] = session.data('tool.finished')
    expect(edit).toMatchObject({ family: 'edit', title: 'Edit', target: 'src/a.txt', outcome: 'done' })
    expect(JSON.stringify(edit?.['changes'])).toContain('-two\\n+zwei')
    expect(run).toMatchObject({ family: 'run', title: 'Run', outcome: 'failed', exitCode: 3, output: 'bad\n' })
    expect(session.data('message.added').every((one) => one['completeness'] === 'whole')).toBe(true)
  })

  test('[TD-7] text and output are seen while they come, and add up to what the log holds', async () => {
    const session = await house.session(
      'one two three four five six\n```sh\necho line 1; while [ ! -e go ]; do sleep 0.05; done; for i in 2 3 4; do echo line $i; done\n```',
    )
    await session.until('tool.started')
    const ofTurn = (item: (typeof house.live)[number]): boolean =>
      item.kind === 'text' && item.turnId === session.data('turn.started')[0]?.['turnId'] && item.channel === 'output'
    await expect.poll(() => house.live.some(ofTurn)).toBe(true)
    writeFileSync(path.join(session.worktree, 'go'), '')
    await session.until('turn.ended')
    const texts = new Map<string, string>()
    let pieces = 0
    for (const item of house.live) {
      if (item.kind !== 'text') continue
      const known = texts.get(item.itemId) ?? ''
      expect(item.offset).toBe(known.length)
      texts.set(item.itemId, known + item.text)
      if (ofTurn(item)) pieces += 1
    }
    const [message] = session.data('message.added')
    const [tool] = session.data('tool.finished')
    expect(texts.get(String(message?.['messageId']))).toBe('one two three four five six')
    expect(texts.get(String(tool?.['toolId']))).toBe('line 1\nline 2\nline 3\nline 4\n')
    expect(pieces).toBeGreaterThan(1)
  })

  test('[M-8] what is sent meanwhile waits, can be changed, and is delivered in order', async () => {
    const session = await house.session('```sh\nwhile [ ! -e go ]; do sleep 0.05; done; echo one >> order\n```')
    await session.until('turn.started')
    await session.send('```sh\necho two >> order\n```')
    await session.command('message.send', { messageId: 'third', text: '```sh\necho three >> order\n```' })
    await session.command('message.edit', { messageId: 'third', text: '```sh\necho drei >> order\n```' })
    writeFileSync(path.join(session.worktree, 'go'), '')
    await session.until('turn.ended', 3)
    expect(readFileSync(path.join(session.worktree, 'order'), 'utf8')).toBe('one\ntwo\ndrei\n')
    // The agent's process lives on between turns.
    expect(new Set(words(session.data('turn.started'), 'runId')).size).toBe(1)
  })

  test('[M-4] stop: requested, acknowledged and exited are told apart, children are gone, and the queue waits', async () => {
    const session = await house.session('```sh\necho begin; (sleep 300 & echo $! > child.pid); sleep 300\n```')
    await session.until('tool.started')
    const pidFile = path.join(session.worktree, 'child.pid')
    await expect.poll(() => existsSync(pidFile) && readFileSync(pidFile, 'utf8').trim() !== '').toBe(true)
    await session.send('```sh\ntouch later\n```')
    const turnId = session.state.turn?.turnId ?? ''
    await session.command('turn.stop', { turnId })
    await session.until('turn.ended')
    const told = session.types.filter((type) =>
      ['turn.stopRequested', 'turn.stopAcknowledged', 'agent.exited', 'turn.ended'].includes(type),
    )
    expect(told).toEqual(['turn.stopRequested', 'turn.stopAcknowledged', 'agent.exited', 'turn.ended'])
    expect(session.data('agent.exited')[0]).toMatchObject({ groupGone: true })
    expect(session.data('tool.finished')[0]).toMatchObject({ outcome: 'canceled' })
    expect(session.data('turn.ended')[0]).toMatchObject({ outcome: 'stopped' })
    await expect.poll(() => isAlive(readFileSync(pidFile, 'utf8').trim())).toBe(false)
    expect(session.state.held).toBe('stopped')
    await session.command('queue.release', {})
    await session.until('turn.ended', 2)
    expect(existsSync(path.join(session.worktree, 'later'))).toBe(true)
  })

  test('a provider that is not installed, and a base branch that is not there, are said in the session', async () => {
    const missing = await house.session('hello', { provider: 'opencode', model: 'x/y' })
    const ended = await missing.until('turn.ended')
    expect(ended.data).toMatchObject({ outcome: 'failed' })
    expect(String(ended.data['message'])).toContain('npm install -g opencode-ai')
    const branch = await house.session('hello', { baseBranch: 'nope' })
    expect(String((await branch.until('worktree.failed')).data['message'])).toContain('There is no branch "nope"')
    house.at.git(['branch', 'nope'])
    await branch.send('```sh\ntouch x\n```')
    await branch.until('worktree.ready')
    await branch.until('turn.ended')
  })
})

describe('Manual and Auto', () => {
  test('[D-1] [D-2] in Manual each step waits for a person, reads pass; in Auto it runs on', async () => {
    const session = await house.session(
      '```read path=README.md\n```\n```sh\necho one\n```\n```file path=b.txt\nx\n```',
      { stepMode: 'manual' },
    )
    const asked = await session.until('approval.requested')
    expect(asked.data).toMatchObject({
      family: 'run',
      detail: 'echo one',
      detailKind: 'command',
      rule: { family: 'run', target: 'echo one' },
    })
    expect(session.data('tool.finished')).toMatchObject([{ family: 'read', outcome: 'done', output: 'project\n' }])
    await session.command('approval.answer', { approvalId: String(asked.data['approvalId']), decision: 'allow_once' })
    const second = await session.until('approval.requested', 2)
    expect(second.data).toMatchObject({ family: 'write', target: 'b.txt', detailKind: 'diff' })
    expect(String(second.data['detail'])).toContain('+x')
    expect(existsSync(path.join(session.worktree, 'b.txt'))).toBe(false)
    await session.command('approval.answer', {
      approvalId: String(second.data['approvalId']),
      decision: 'reject',
      reason: 'not now',
    })
    await session.until('turn.ended')
    expect(existsSync(path.join(session.worktree, 'b.txt'))).toBe(false)
    expect(session.data('tool.finished').at(-1)).toMatchObject({ outcome: 'rejected' })
    await session.command('session.setStepMode', { stepMode: 'auto' })
    await session.send('```file path=b.txt\nx\n```')
    await session.until('turn.ended', 2)
    expect(session.data('tool.permitted').at(-1)).toMatchObject({ by: 'auto' })
    expect(existsSync(path.join(session.worktree, 'b.txt'))).toBe(true)
  })

  test('allow for this session: the same command passes from then on, another one asks', async () => {
    const session = await house.session('```sh\necho same\n```\n```sh\necho same\n```\n```sh\necho other\n```', {
      stepMode: 'manual',
    })
    const asked = await session.until('approval.requested')
    await session.command('approval.answer', {
      approvalId: String(asked.data['approvalId']),
      decision: 'allow_session',
    })
    const second = await session.until('approval.requested', 2)
    expect(second.data['target']).toBe('echo other')
    expect(session.data('tool.permitted')).toMatchObject([{ by: 'rule' }])
    await session.command('approval.answer', { approvalId: String(second.data['approvalId']), decision: 'allow_once' })
    await session.until('turn.ended')
  })

  test('[D-3] the mode is switched in mid-turn: Auto lets the waiting step go, Manual holds the next one', async () => {
    const session = await house.session(
      '```sh\necho one\n```\n```sh\nwhile [ ! -e go ]; do sleep 0.05; done\n```\n```sh\necho three\n```',
      {
        stepMode: 'manual',
      },
    )
    const first = await session.until('approval.requested')
    await session.command('session.setStepMode', { stepMode: 'auto' })
    expect((await session.until('approval.withdrawn')).data).toMatchObject({ reason: 'switched_to_auto' })
    await session.until('tool.permitted', 2)
    await session.command('session.setStepMode', { stepMode: 'manual' })
    // The runner takes events in order: when it has staged, it knows the mode.
    await session.git({ kind: 'stage', paths: [] })
    writeFileSync(path.join(session.worktree, 'go'), '')
    const held = await session.until('approval.requested', 2)
    expect(held.data['target']).toBe('echo three')
    const late = await session.command('approval.answer', {
      approvalId: String(first.data['approvalId']),
      decision: 'allow_once',
    })
    expect(late?.code).toBe('approval_settled')
    await session.command('approval.answer', { approvalId: String(held.data['approvalId']), decision: 'allow_once' })
    expect((await session.until('turn.ended')).data).toMatchObject({ outcome: 'completed' })
  })

  test('[D-5] an answer to a step that was canceled never fires, and the person is told', async () => {
    const session = await house.session('```sh\ntouch never\n```', { stepMode: 'manual' })
    const asked = await session.until('approval.requested')
    await session.command('turn.stop', { turnId: session.state.turn?.turnId ?? '' })
    await session.until('turn.ended')
    expect(session.data('approval.withdrawn')).toMatchObject([{ reason: 'stopped' }])
    const late = await session.command('approval.answer', {
      approvalId: String(asked.data['approvalId']),
      decision: 'allow_once',
    })
    expect(late).toMatchObject({ code: 'approval_settled' })
    expect(late?.message).toContain('withdrawn: the turn was stopped')
    expect(existsSync(path.join(session.worktree, 'never'))).toBe(false)
  })
})

describe('git, from the session', () => {
  test('[G-12] every operation is a pair: requested, then completed or failed with git’s own words', async () => {
    const session = await house.session('```file path=c.txt\nc\n```')
    await session.until('turn.ended')
    expect((await session.git({ kind: 'stage', paths: ['c.txt'] })).type).toBe('git.completed')
    const author = { name: 'Ann', email: 'ann@example.org' }
    const committed = await session.git({ kind: 'commit', message: 'Add c', author })
    expect(String(committed.data['summary'])).toMatch(/^Committed [0-9a-f]{7}: Add c$/)
    const again = await session.git({ kind: 'commit', message: 'Add c', author })
    expect(again.type).toBe('git.failed')
    expect(String(again.data['message'])).toContain('nothing to commit')
    const merged = await session.git({ kind: 'merge', strategy: 'merge' })
    expect(merged.type).toBe('git.completed')
    expect(readFileSync(path.join(house.at.repo, 'c.txt'), 'utf8')).toBe('c\n')
    const pairs = session.events.filter((event) => event.type.startsWith('git.')).map((event) => event.type)
    expect(pairs.filter((type) => type === 'git.requested')).toHaveLength(4)
    expect(pairs.filter((type) => type === 'git.started')).toHaveLength(4)
  })

  test('[G-13] what would change files under a working agent waits for the turn’s end; other operations do not', async () => {
    const session = await house.session(
      '```file path=keep.txt\nx\n```\n```sh\nwhile [ ! -e go ]; do sleep 0.05; done\n```',
    )
    await session.until('tool.finished')
    const discarding = session.git({ kind: 'discard', paths: [] })
    await session.git({ kind: 'stage', paths: [] })
    expect(session.types).not.toContain('turn.ended')
    writeFileSync(path.join(session.worktree, 'go'), '')
    expect((await discarding).type).toBe('git.completed')
    const at = (type: string): number => session.types.lastIndexOf(type)
    expect(at('turn.ended')).toBeLessThan(at('git.completed'))
    expect(existsSync(path.join(session.worktree, 'keep.txt'))).toBe(false)
    expect(session.data('checkpoint.created').map((one) => one['reason'])).toContain('before_discard')
  })

  test('questions are answered: status, diff, log, a file, branches, a repository that is none', async () => {
    const session = await house.session(
      '```edit path=src/a.txt\n<<<<<<< find\ntwo\n=======\nzwei\n>>>>>>> replace\n```',
    )
    await session.until('turn.ended')
    const status = await house.query({ kind: 'git.status', sessionId: session.id })
    expect(status).toMatchObject({
      ok: true,
      branch: session.state.branch,
      files: [{ path: 'src/a.txt', worktree: 'M', additions: 1, deletions: 1 }],
    })
    const diff = await house.query({ kind: 'git.diff', sessionId: session.id, against: 'base' })
    expect(JSON.stringify(diff)).toContain('+zwei')
    expect(await house.query({ kind: 'git.log', sessionId: session.id })).toMatchObject({ ok: true, commits: [] })
    expect(await house.query({ kind: 'file.read', sessionId: session.id, path: 'src/a.txt' })).toMatchObject({
      ok: true,
      text: 'one\nzwei\nthree\n',
    })
    expect(await house.query({ kind: 'file.read', sessionId: session.id, path: '../../x' })).toMatchObject({
      ok: false,
      code: 'path_refused',
    })
    expect(await house.query({ kind: 'repository.branches' })).toMatchObject({ ok: true, starterBranch: 'main' })
    expect(
      await house.query({ kind: 'repository.inspect', source: { kind: 'path', path: house.at.data } }),
    ).toMatchObject({ ok: false, code: 'not_a_repository' })
    writeFileSync(path.join(house.at.repo, 'dirty.txt'), 'x')
    const dirty = await house.query({ kind: 'repository.inspect', source: { kind: 'path', path: house.at.repo } })
    expect(JSON.stringify(dirty['notes'])).toContain('not committed')
  })
})

describe('the end of a session', () => {
  test('[S-4] Done: kept, archived, removed; the branch stays; Restore brings it back as it was, and it goes on', async () => {
    const session = await house.session(
      '```sh\necho KEY=1 > secret.env; echo new > new.txt; echo two >> README.md; git add README.md\n```',
    )
    await session.until('turn.ended')
    const { path: worktree, branch } = session.state
    const before = house.at.git(['status', '--porcelain'], worktree)
    await session.command('session.end', { outcome: 'done' })
    await session.until('worktree.removed')
    expect(session.state).toMatchObject({ status: 'done', worktree: 'removed' })
    expect(existsSync(worktree)).toBe(false)
    expect(house.at.git(['branch', '--list', branch])).toContain(branch)
    await session.command('session.restore', {})
    await session.until('worktree.restored')
    expect(session.state.status).toBe('waiting')
    expect(house.at.git(['status', '--porcelain'], worktree)).toBe(before)
    expect(readFileSync(path.join(worktree, 'secret.env'), 'utf8')).toBe('KEY=1\n')
    await session.send('```sh\ncat new.txt\n```')
    await session.until('turn.ended', 2)
    await session.command('session.end', { outcome: 'canceled' })
    await session.until('worktree.removed', 2)
  })

  test('Cancel while the agent works: it is stopped first, then all is kept', async () => {
    const session = await house.session('```sh\necho half > half.txt; sleep 300\n```')
    await session.until('tool.started')
    await expect.poll(() => existsSync(path.join(session.worktree, 'half.txt'))).toBe(true)
    await session.command('session.end', { outcome: 'canceled' })
    await session.until('worktree.removed')
    const told = session.types.filter((type) =>
      ['session.endRequested', 'turn.ended', 'session.ended', 'worktree.archived', 'worktree.removed'].includes(type),
    )
    expect(told).toEqual([
      'session.endRequested',
      'turn.ended',
      'session.ended',
      'worktree.archived',
      'worktree.removed',
    ])
    expect(session.state.status).toBe('canceled')
  })
})

describe('many at once', () => {
  test('[G-13] sessions that begin together wait for the repository one after the other; none fails', async () => {
    const message = '```sh\ngit branch --show-current > mine.txt\n```'
    const sessions = await Promise.all(Array.from({ length: 4 }, () => house.session(message)))
    await Promise.all(sessions.map((session) => session.until('turn.ended', 1, 60_000)))
    const branches = sessions.map((session) => readFileSync(path.join(session.worktree, 'mine.txt'), 'utf8').trim())
    expect(new Set(branches).size).toBe(4)
    expect(branches).toEqual(sessions.map((session) => session.state.branch))
    expect(sessions.flatMap((session) => session.data('turn.ended')).map((one) => one['outcome'])).toEqual(
      Array.from({ length: 4 }, () => 'completed'),
    )
  })

  test('a session that is canceled while its worktree is being made leaves none behind', async () => {
    const session = await house.session('```sh\nsleep 300\n```')
    await session.command('session.end', { outcome: 'canceled' })
    await session.until('worktree.removed')
    expect(session.state).toMatchObject({ status: 'canceled', worktree: 'removed' })
    expect(house.at.git(['worktree', 'list'])).not.toContain(session.id)
    expect(session.types.filter((type) => type === 'turn.started').length).toBeLessThan(2)
  })
})

test('[AC-2] a session is not to be asked about through another workspace, by whoever knows its id', async () => {
  const session = await house.session(undefined)
  await session.until('worktree.ready')
  const workspaceId = newId()
  const [log, source] = [workspaceLog(workspaceId), { kind: 'path' as const, path: house.at.repo }]
  const data = { workspaceId, name: 'other', source, runnerId: house.started.runnerId, creatorName: 'Ann' }
  expect(await house.command(WORKSPACE_STREAM, 'workspace.create', data, log)).toBeUndefined()
  const asked = { kind: 'git.status' as const, sessionId: session.id }
  expect(await house.query(asked)).toMatchObject({ ok: true })
  await expect.poll(() => house.query(asked, log)).toMatchObject({ ok: false, code: 'not_found' })
})
