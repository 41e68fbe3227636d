import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { createCheckpoint } from '../../checkpoints/checkpoint.ts'
import { restoreCheckpoint } from '../../checkpoints/restore.ts'
import { perform } from '../../sessions/git-operation.ts'
import { diffFiles } from '../diff.ts'
import { fullStatus } from '../status.ts'
import { temporaryRepository } from '../temporary-repository.ts'
import type { Worktree } from '../worktree.ts'

const ann = { name: 'Ann', email: 'ann@example.org' }
const operate = (worktree: Worktree, operation: Parameters<typeof perform>[2]) =>
  perform(worktree, 'op', operation, ann, () => undefined, {})
const commits = (message: string) => ({ kind: 'commit' as const, message, author: ann })

describe('a head that the agent left on no branch', () => {
  test('[G-5] [G-6] status says so; commit, push and pulls are refused with the way back; files are staged all the same', async () => {
    using at = temporaryRepository()
    const worktree = await at.session()
    at.git(['checkout', '--quiet', '--detach'], worktree.path)
    at.write('new.txt', 'x\n', worktree.path)
    expect((await fullStatus(worktree)).branch).toBeNull()
    await operate(worktree, { kind: 'stage', paths: [] })
    for (const operation of [
      commits('lost'),
      { kind: 'push' as const },
      { kind: 'pullStarter' as const },
      { kind: 'pullRequest' as const, title: 'x', body: '', draft: false },
    ])
      await expect(operate(worktree, operation)).rejects.toThrow(
        new RegExp(`on no branch, at [0-9a-f]{7}, and not on ${worktree.branch}`),
      )
    at.git(['checkout', '--quiet', worktree.branch], worktree.path)
    expect((await operate(worktree, commits('kept'))).summary).toContain('kept')
  })

  test('another branch is named', async () => {
    using at = temporaryRepository()
    const worktree = await at.session()
    at.git(['checkout', '--quiet', '-b', 'elsewhere'], worktree.path)
    await expect(operate(worktree, { kind: 'push' })).rejects.toThrow('on the branch elsewhere')
  })
})

describe('a branch without a commit', () => {
  test('[G-1] [G-4] status, diff, staging, discarding and checkpoints work, and nothing is lost', async () => {
    using at = temporaryRepository()
    const worktree = await at.session()
    const { path: dir } = worktree
    at.git(['checkout', '--quiet', '--orphan', 'fresh'], dir)
    at.write('new.txt', 'x\n', dir)
    const status = await fullStatus(worktree)
    expect(status.branch).toBe('fresh')
    expect((await diffFiles(worktree, 'head')).map((file) => file.path)).toContain('new.txt')
    expect((await diffFiles(worktree, 'base')).map((file) => file.path)).toEqual(['new.txt'])
    await operate(worktree, { kind: 'stage', paths: ['new.txt'] })
    await operate(worktree, { kind: 'unstage', paths: ['new.txt'] })
    const checkpoint = await createCheckpoint(worktree, 'unborn', 'with no commit')
    await operate(worktree, { kind: 'discard', paths: ['new.txt'] })
    expect(at.git(['status', '--porcelain', '--', 'new.txt'], dir)).toBe('')
    await restoreCheckpoint(worktree, checkpoint)
    expect(readFileSync(path.join(dir, 'new.txt'), 'utf8')).toBe('x\n')
  })
})

describe('a rebase left half done', () => {
  test('[G-1] [G-5] conflicts are shown; commit and push are refused and say what to do; after an abort all is as before', async () => {
    using at = temporaryRepository()
    const worktree = await at.session()
    const { path: dir } = worktree
    at.write('src/a.txt', 'ours\n', dir)
    await operate(worktree, { kind: 'stage', paths: [] })
    await operate(worktree, commits('ours'))
    at.write('src/a.txt', 'theirs\n')
    at.git(['commit', '--quiet', '-am', 'theirs'])
    expect(() => at.git(['rebase', 'main'], dir)).toThrow('rebase')
    const status = await fullStatus(worktree)
    expect(status.files).toMatchObject([{ path: 'src/a.txt', conflicted: true }])
    await expect(operate(worktree, commits('in the middle'))).rejects.toThrow(
      /A rebase was begun and is not finished.*git rebase --abort/,
    )
    await expect(operate(worktree, { kind: 'push' })).rejects.toThrow('A rebase was begun')
    const kept = await createCheckpoint(worktree, 'middle', 'in the middle')
    expect(kept.files.map((file) => file.path)).toEqual(['src/a.txt'])
    at.git(['rebase', '--abort'], dir)
    expect((await fullStatus(worktree)).files).toEqual([])
    expect(readFileSync(path.join(dir, 'src/a.txt'), 'utf8')).toBe('ours\n')
  })
})
