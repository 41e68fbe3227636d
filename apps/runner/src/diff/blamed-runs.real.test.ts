import { expect, test } from 'vitest'
import { createCheckpoint } from '../checkpoints/checkpoint.ts'
import { wholeTree } from '../checkpoints/temporary-index.ts'
import { commit } from '../git/commit.ts'
import { stage } from '../git/staging.ts'
import { temporaryRepository } from '../git/temporary-repository.ts'
import { blamedRuns } from './blamed-runs.ts'

test('each line leads to the checkpoint that had it first, across commits; what is older and what is newer is told apart', async () => {
  using at = temporaryRepository()
  const worktree = await at.session()
  const { path: dir } = worktree
  const first = await createCheckpoint(worktree, 'c1', 'before a turn')
  at.write('src/a.txt', 'one\nby the first turn\ntwo\nthree\n', dir)
  const second = await createCheckpoint(worktree, 'c2', 'after a turn')
  await stage(dir, 'all')
  await commit(dir, 'committed', { name: 'Ann', email: 'ann@example.org' })
  at.write('src/a.txt', 'one\nby the first turn\nby a person\ntwo\nthree\n', dir)
  const third = await createCheckpoint(worktree, 'c3', 'before a turn')
  at.write('src/a.txt', 'one\nby the first turn\nby a person\ntwo\nthree\njust now\n', dir)
  const runs = await blamedRuns(worktree, await wholeTree(dir), 'src/a.txt', [
    first.commit,
    second.commit,
    third.commit,
  ])
  const lines: string[] = []
  for (const { line, count, by } of runs) for (let n = 0; n < count; n += 1) lines[line - 1 + n] = by
  expect(lines).toEqual(['base', second.commit, third.commit, 'base', 'base', 'now'])
})

test('checkpoints of another session are not looked at', async () => {
  using at = temporaryRepository()
  const worktree = await at.session()
  const other = await at.session('session2', 'Other')
  at.write('new.txt', 'theirs\n', other.path)
  const theirs = await createCheckpoint(other, 'c1', 'after a turn')
  at.write('new.txt', 'theirs\n', worktree.path)
  const runs = await blamedRuns(worktree, await wholeTree(worktree.path), 'new.txt', [theirs.commit])
  expect(runs).toEqual([{ by: 'now', line: 1, count: 1 }])
})
