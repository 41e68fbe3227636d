import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { House, isAlive } from './house.ts'
import { SecondRunner } from './second-runner.ts'

let house: House
let second: SecondRunner
beforeEach(async () => {
  house = await House.open()
  second = await SecondRunner.start(house, 'second')
})
afterEach(async () => {
  await second.stop()
  await house[Symbol.asyncDispose]()
})

const until = (condition: () => boolean): Promise<void> => expect.poll(condition, { timeout: 60_000 }).toBe(true)
const patience = 120_000

describe('a runner that is gone', () => {
  test('[BE-8] is replaced by another one: with the files of the last checkpoint, and the truth about the turn', async () => {
    const session = await house.session('```file path=kept.txt\nfrom the first runner\n```')
    await session.until('turn.ended')
    const stored = await session.until('checkpoint.stored')
    await expect.poll(() => session.state.stored?.commit === session.state.lastCheckpointCommit).toBe(true)
    expect(stored.data).toMatchObject({ bundle: { size: expect.any(Number) as number } })
    const first = session.worktree
    await session.send('```sh\necho lost > lost.txt; touch begun; sleep 300\n```')
    await until(() => existsSync(path.join(first, 'begun')))
    // What is to be told as aborted must have been told as begun.
    await session.until('tool.started', 2)
    await house.stopRunner('SIGKILL')
    const taken = await session.until('session.takenOver', 1, patience)
    expect(taken.data).toEqual({ runnerId: second.runnerId, epoch: 1, from: '' })
    const ended = await session.until('turn.ended', 2, patience)
    expect(ended.data).toMatchObject({ outcome: 'aborted_by_restart' })
    expect(ended.data['message']).toMatch(/another one has taken over/)
    expect(ended.actor).toEqual({ kind: 'runner', id: second.runnerId })
    expect(session.data('tool.finished').at(-1)).toMatchObject({ outcome: 'aborted' })
    expect(session.worktree).toContain(second.data)
    expect(readFileSync(path.join(session.worktree, 'kept.txt'), 'utf8')).toBe('from the first runner\n')
    // One click continues, on the second runner.
    await session.send('```sh\necho second >> kept.txt\n```')
    await session.until('turn.ended', 3, patience)
    expect(session.data('turn.ended').at(-1)).toMatchObject({ outcome: 'completed' })
    expect(readFileSync(path.join(session.worktree, 'kept.txt'), 'utf8')).toBe('from the first runner\nsecond\n')
    // The first one comes back: the session stays where it is, and nothing of what the first one had is thrown away.
    await house.startRunner()
    await until(() => !existsSync(first))
    const kept = house.at.git(['for-each-ref', '--format=%(refname)', `refs/coppice/${session.id}`]).split('\n')
    const files = kept.map((ref) => house.at.git(['ls-tree', '-r', '--name-only', ref]))
    expect(files.some((names) => names.includes('lost.txt'))).toBe(true)
    await session.send('```sh\ntrue\n```')
    const last = await session.until('turn.ended', 4, patience)
    expect(last.actor.id).toBe(second.runnerId)
  })

  test('[BE-8] was only cut off: its agent is ended, what it did meanwhile is attached as an orphaned run, and nothing of it is mixed in', async () => {
    const words = Array.from({ length: 3_000 }, (_, i) => `w${i}`).join(' ')
    const session = await house.session(
      `\`\`\`sh\necho $$ > pid; touch begun; while [ ! -e go ]; do sleep 0.1; done; echo orphan > o.txt\n\`\`\`\n${words}`,
    )
    await session.until('worktree.ready')
    await until(() => existsSync(path.join(session.worktree, 'begun')))
    const first = session.worktree
    const agent = readFileSync(path.join(first, 'pid'), 'utf8').trim()
    house.runner?.kill('SIGSTOP')
    const taken = await session.until('session.takenOver', 1, patience)
    writeFileSync(path.join(first, 'go'), '')
    await session.until('turn.ended', 1, patience)
    house.runner?.kill('SIGCONT')
    const orphan = await session.until('run.orphaned', 1, patience)
    await expect.poll(() => isAlive(agent)).toBe(false)
    expect(orphan.actor).toEqual({ kind: 'runner', id: house.started.runnerId })
    expect(orphan.data).toMatchObject({ runnerId: house.started.runnerId, epoch: 0 })
    const after = session.events.filter(({ position }) => position > taken.position)
    const others = after.filter(
      ({ producer, type }) => producer?.id === house.started.runnerId && type !== 'run.orphaned',
    )
    expect(others).toEqual([])
    // What came in one batch is one record; a slow machine may need two.
    const linesOf = async ({ record }: Record<string, unknown>) => {
      const { sha256 } = record as { sha256: string }
      const kept = await fetch(new URL(`/blobs/${house.workspaceId}/${sha256}`, house.started.url), {
        headers: { authorization: `Bearer ${house.started.ownerToken}` },
      })
      const text = (await kept.text()).trim()
      return text.split('\n').map((line) => JSON.parse(line) as { type: string; stream: string })
    }
    const all = async () => (await Promise.all(session.data('run.orphaned').map(linesOf))).flat()
    await expect.poll(async () => (await all()).map(({ type }) => type), { timeout: 60_000 }).toContain('tool.finished')
    const lines = await all()
    const counted = session.data('run.orphaned').reduce((sum, { events }) => sum + Number(events), 0)
    expect(lines).toHaveLength(counted)
    expect(new Set(lines.map(({ stream }) => stream))).toEqual(new Set([session.stream]))
    await expect.poll(() => readFileSync(path.join(house.runnerData, 'spool.jsonl'), 'utf8')).not.toContain(session.id)
  })
})

test('[BE-8] a runner that is there keeps its sessions, whoever asks; a stranger may not stand in', async () => {
  const session = await house.session('```sh\nsleep 4; echo done > done.txt\n```')
  expect((await session.until('turn.ended', 1, patience)).data).toMatchObject({ outcome: 'completed' })
  expect(session.types).not.toContain('session.takenOver')
  const refused = await house.command(session.stream, 'session.takeOver', { runnerId: second.runnerId, epoch: 1 })
  expect(refused).toMatchObject({ code: 'forbidden' })
})

test('[BE-8] on another machine: the pack of the checkpoint comes from the server, with what was committed and what was not', async () => {
  await using far = await House.open({}, 'url')
  const other = await SecondRunner.start(far, 'other')
  try {
    const session = await far.session('```file path=a.txt\none\n```')
    await session.until('turn.ended', 1, patience)
    await session.git({ kind: 'stage', paths: [] })
    const author = { name: 'Ann', email: 'ann@example.org' }
    await session.git({ kind: 'commit', message: 'Add a', author })
    await session.send('```file path=b.txt\ntwo\n```')
    await session.until('turn.ended', 2, patience)
    await expect.poll(() => session.state.stored?.commit === session.state.lastCheckpointCommit).toBe(true)
    await far.stopRunner('SIGKILL')
    await session.send('```sh\ncat a.txt b.txt > both.txt\n```')
    await session.until('turn.ended', 3, patience)
    expect(session.worktree).toContain(other.data)
    expect(readFileSync(path.join(session.worktree, 'both.txt'), 'utf8')).toBe('one\ntwo\n')
    expect(far.at.git(['log', '-1', '--format=%s'], session.worktree)).toBe('Add a')
    expect(far.at.git(['status', '--porcelain', 'b.txt'], session.worktree)).toBe('?? b.txt')
    expect(session.data('worktree.ready').at(-1)?.['notes']).toMatchObject([expect.stringContaining('checkpoint')])
  } finally {
    await other.stop()
  }
})
