import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { commit } from './commit.ts'
import { diffFile, diffFiles, longestDiff } from './diff.ts'
import { mergeToStarter, MergeRefused } from './merge.ts'
import { pullBranch, pullRemote, pullStarter } from './pull.ts'
import { discard, stage, unstage } from './staging.ts'
import { fullStatus, quickStatus } from './status.ts'
import { temporaryRepository } from './temporary-repository.ts'
import type { TemporaryRepository } from './temporary-repository.ts'
import type { Worktree } from './worktree.ts'

const ann = { name: 'Ann Author', email: 'ann@example.org' }

const refused = async (work: Promise<unknown>): Promise<MergeRefused> => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (error instanceof MergeRefused) return error
  throw new Error(`expected a refusal, got ${String(error)}`)
}

async function commitInSession(at: TemporaryRepository, worktree: Worktree, file: string, text: string): Promise<void> {
  at.write(file, text, worktree.path)
  await stage(worktree.path, 'all')
  await commit(worktree.path, `change ${file}`, ann)
}

describe('status', () => {
  test('[G-1] quick: branch and files; full: also the distance to the base and to the remote', async () => {
    using at = temporaryRepository()
    at.git(['clone', '--quiet', '--bare', at.repo, path.join(at.root, 'remote.git')], at.root)
    at.git(['remote', 'add', 'origin', path.join(at.root, 'remote.git')])
    at.git(['fetch', '--quiet', 'origin'])
    at.write('main.txt', 'x\n')
    at.git(['add', '--all'])
    at.git(['commit', '--quiet', '-m', 'only here'])
    const worktree = await at.session()
    await commitInSession(at, worktree, 'b.txt', 'b\n')
    at.write('c.txt', 'c\n', worktree.path)
    const quick = await quickStatus(worktree.path)
    expect(quick.branch).toBe(worktree.branch)
    expect(quick.files).toEqual([{ path: 'c.txt', index: '.', worktree: '?', conflicted: false }])
    const full = await fullStatus(worktree)
    expect(full.base).toEqual({ ref: 'main', ahead: 1, behind: 0 })
    expect(full.remote).toEqual({ ref: 'origin/main', ahead: 2, behind: 0 })
  })
})

describe('staging', () => {
  test('[G-2] [G-3] stage and unstage one file, several, all; odd names and deletions too', async () => {
    using at = temporaryRepository()
    const { path: dir } = await at.session()
    for (const name of ['a b.txt', '*.txt', '-dash.txt', 'ü.txt']) at.write(name, 'x\n', dir)
    at.git(['rm', '--quiet', '--cached', 'README.md'], dir)
    at.git(['reset', '--quiet'], dir)
    const staged = () =>
      at.git(['-c', 'core.quotePath=false', 'diff', '--cached', '--name-only'], dir).split('\n').filter(Boolean)
    await stage(dir, ['*.txt'])
    expect(staged()).toEqual(['*.txt'])
    await stage(dir, ['a b.txt', 'ü.txt'])
    expect(staged()).toEqual(['*.txt', 'a b.txt', 'ü.txt'])
    await unstage(dir, ['*.txt'])
    expect(staged()).toEqual(['a b.txt', 'ü.txt'])
    await stage(dir, 'all')
    expect(staged()).toHaveLength(4)
    await unstage(dir, 'all')
    expect(staged()).toEqual([])
    await expect(stage(dir, ['../x'])).rejects.toThrow('leads out of the worktree')
  })

  test('[G-4] discard one file, several, all: changes return to HEAD, new files go, ignored ones stay', async () => {
    using at = temporaryRepository()
    const { path: dir } = await at.session()
    at.write('src/a.txt', 'changed\n', dir)
    at.write('README.md', 'changed\n', dir)
    at.write('new.txt', 'x\n', dir)
    at.write('other.txt', 'x\n', dir)
    at.write('secret.env', 'KEY=1\n', dir)
    await stage(dir, ['README.md', 'new.txt'])
    await discard(dir, ['src/a.txt'])
    expect((await quickStatus(dir)).files.map((file) => file.path)).toEqual(['README.md', 'new.txt', 'other.txt'])
    await discard(dir, ['README.md', 'new.txt'])
    expect((await quickStatus(dir)).files.map((file) => file.path)).toEqual(['other.txt'])
    await discard(dir, 'all')
    expect((await quickStatus(dir)).files).toEqual([])
    expect(readFileSync(path.join(dir, 'secret.env'), 'utf8')).toBe('KEY=1\n')
  })
})

describe('commit', () => {
  test('[G-5] the author is the signed-in user, without any global identity; a failing hook is heard', async () => {
    using at = temporaryRepository()
    const { path: dir } = await at.session()
    at.write('b.txt', 'b\n', dir)
    await stage(dir, 'all')
    const made = await commit(dir, '  Add b\n\nBecause.\n', ann)
    expect(made.subject).toBe('Add b')
    expect(at.git(['log', '-1', '--format=%an <%ae> %cn%n%b'], dir)).toBe(
      'Ann Author <ann@example.org> Ann Author\nBecause.',
    )
    await expect(commit(dir, 'again', ann)).rejects.toThrow('nothing to commit')
    await expect(commit(dir, ' ', ann)).rejects.toThrow('message is empty')
    writeFileSync(path.join(at.repo, '.git/hooks/pre-commit'), '#!/bin/sh\necho "the hook says no" >&2\nexit 1\n', {
      mode: 0o755,
    })
    at.write('c.txt', 'c\n', dir)
    await stage(dir, 'all')
    await expect(commit(dir, 'c', ann)).rejects.toThrow('the hook says no')
  })
})

describe('diff', () => {
  test('against index, staged, HEAD and the branch point; new, binary and too large files are said', async () => {
    using at = temporaryRepository()
    const worktree = await at.session()
    const dir = worktree.path
    await commitInSession(at, worktree, 'done.txt', 'done\n')
    at.write('src/a.txt', 'one\n2\nthree\n', dir)
    await stage(dir, ['src/a.txt'])
    at.write('new.txt', 'new\n', dir)
    writeFileSync(path.join(dir, 'bin'), Buffer.from([0, 1, 2, 0, 255]))
    at.write('big.txt', 'line\n'.repeat(longestDiff / 4), dir)
    const names = async (against: 'index' | 'staged' | 'head' | 'base') =>
      (await diffFiles(worktree, against)).map((file) => file.path).sort()
    expect(await names('staged')).toEqual(['src/a.txt'])
    expect(await names('index')).toEqual(['big.txt', 'bin', 'new.txt'])
    expect(await names('head')).toEqual(['big.txt', 'bin', 'new.txt', 'src/a.txt'])
    expect(await names('base')).toEqual(['big.txt', 'bin', 'done.txt', 'new.txt', 'src/a.txt'])
    const text = await diffFile(worktree, 'base', 'src/a.txt')
    expect(text.shown === 'text' && text.text).toContain('-two\n+2\n')
    const added = await diffFile(worktree, 'index', 'new.txt')
    expect(added.shown === 'text' && added.text).toContain('+new')
    expect((await diffFile(worktree, 'head', 'bin')).shown).toBe('binary')
    expect((await diffFile(worktree, 'head', 'big.txt')).shown).toBe('too_large')
    expect((await diffFile(worktree, 'head', 'README.md')).shown).toBe('unchanged')
    expect(at.git(['diff', '--cached', '--name-only'], dir)).toBe('src/a.txt')
  })
})

describe('merge to the starter branch', () => {
  test('[G-9] a merge commit by the user; the clean primary checkout moves along; nothing is pushed', async () => {
    using at = temporaryRepository()
    at.git(['clone', '--quiet', '--bare', at.repo, path.join(at.root, 'remote.git')], at.root)
    at.git(['remote', 'add', 'origin', path.join(at.root, 'remote.git')])
    const worktree = await at.session()
    await commitInSession(at, worktree, 'b.txt', 'b\n')
    at.write('left.txt', 'x\n', worktree.path)
    at.write('untracked.txt', 'mine\n')
    const merged = await mergeToStarter(worktree, 'merge', ann)
    expect(merged).toMatchObject({ into: 'main', checkout: at.repo, leftOut: ['left.txt'] })
    expect(at.git(['rev-parse', 'main'])).toBe(merged.commit)
    expect(at.git(['log', '-1', '--format=%an %P'])).toBe(
      `Ann Author ${worktree.baseCommit} ${at.git(['rev-parse', worktree.branch])}`,
    )
    expect(readFileSync(path.join(at.repo, 'b.txt'), 'utf8')).toBe('b\n')
    expect(at.git(['status', '--porcelain'])).toBe('?? untracked.txt')
    expect(at.git(['rev-parse', 'main'], path.join(at.root, 'remote.git'))).toBe(worktree.baseCommit)
    const again = await refused(mergeToStarter(worktree, 'merge', ann))
    expect(again.code).toBe('nothing_to_merge')
    expect(again.message).toContain('not committed yet')
  })

  test('[G-9] a conflict is reported with its files and leaves nothing half done', async () => {
    using at = temporaryRepository()
    const worktree = await at.session()
    await commitInSession(at, worktree, 'src/a.txt', 'session\n')
    at.write('src/a.txt', 'primary\n')
    at.git(['commit', '--quiet', '-am', 'other'])
    const before = at.git(['rev-parse', 'main'])
    const conflict = await refused(mergeToStarter(worktree, 'merge', ann))
    expect(conflict.code).toBe('conflict')
    expect(conflict.files).toEqual(['src/a.txt'])
    expect(at.git(['rev-parse', 'main'])).toBe(before)
    expect(at.git(['status', '--porcelain'])).toBe('')
    expect(at.git(['status', '--porcelain'], worktree.path)).toBe('')
  })

  test('[G-9] a checkout with uncommitted changes, or with an untracked file in the way, is left as it was', async () => {
    using at = temporaryRepository()
    const worktree = await at.session()
    await commitInSession(at, worktree, 'b.txt', 'b\n')
    at.write('README.md', 'half\n')
    const dirty = await refused(mergeToStarter(worktree, 'merge', ann))
    expect(dirty.code).toBe('checkout_dirty')
    expect(dirty.message).toContain(`main is checked out in ${at.repo} with uncommitted changes (README.md)`)
    at.git(['checkout', '--quiet', '--', 'README.md'])
    at.write('b.txt', 'precious\n')
    expect((await refused(mergeToStarter(worktree, 'merge', ann))).message).toContain('b.txt')
    expect(readFileSync(path.join(at.repo, 'b.txt'), 'utf8')).toBe('precious\n')
    expect(at.git(['rev-parse', 'main'])).toBe(worktree.baseCommit)
  })

  test('squash and fast-forward by choice; a branch checked out nowhere moves by itself', async () => {
    using at = temporaryRepository()
    const [one, two] = [await at.session('session1'), await at.session('session2')]
    at.git(['checkout', '--quiet', '-b', 'elsewhere'])
    await commitInSession(at, one, 'b.txt', 'b\n')
    await commitInSession(at, two, 'c.txt', 'c\n')
    const fast = await mergeToStarter(one, 'fast-forward', ann)
    expect(fast.checkout).toBeNull()
    expect(fast.commit).toBe(at.git(['rev-parse', one.branch]))
    expect((await refused(mergeToStarter(two, 'fast-forward', ann))).code).toBe('not_fast_forward')
    const squashed = await mergeToStarter(two, 'squash', ann, 'Two things')
    expect(at.git(['log', '-1', '--format=%s|%P', 'main'])).toBe(`Two things|${fast.commit}`)
    expect(squashed.into).toBe('main')
    expect(existsSync(path.join(at.repo, 'b.txt'))).toBe(false)
  })
})

describe('pulling', () => {
  /** A remote, and somebody else's clone of it. */
  function withRemote(at: TemporaryRepository): string {
    const remote = path.join(at.root, 'remote.git')
    at.git(['clone', '--quiet', '--bare', at.repo, remote], at.root)
    at.git(['remote', 'add', 'origin', remote])
    const theirs = path.join(at.root, 'theirs')
    at.git(['clone', '--quiet', remote, theirs], at.root)
    return theirs
  }
  function theyCommit(at: TemporaryRepository, theirs: string, branch: string, file: string, text: string): void {
    at.git(['checkout', '--quiet', branch], theirs)
    at.write(file, text, theirs)
    at.git(['add', '--all'], theirs)
    at.git(['commit', '--quiet', '-m', `their ${file}`], theirs)
    at.git(['push', '--quiet', 'origin', branch], theirs)
  }

  test('[G-7] the branch as it is on origin comes by fast-forward; where both went on nothing changes and it is said', async () => {
    using at = temporaryRepository()
    const theirs = withRemote(at)
    const worktree = await at.session()
    await commitInSession(at, worktree, 'mine.txt', 'x\n')
    at.git(['push', '--quiet', '--set-upstream', 'origin', worktree.branch], worktree.path)
    at.git(['fetch', '--quiet'], theirs)
    theyCommit(at, theirs, worktree.branch, 'theirs.txt', 'y\n')
    expect(await pullRemote(worktree)).toMatchObject({ commits: 1 })
    expect(readFileSync(path.join(worktree.path, 'theirs.txt'), 'utf8')).toBe('y\n')
    expect(await pullRemote(worktree)).toMatchObject({ commits: 0 })
    theyCommit(at, theirs, worktree.branch, 'theirs.txt', 'z\n')
    await commitInSession(at, worktree, 'mine.txt', 'more\n')
    const before = at.git(['rev-parse', 'HEAD'], worktree.path)
    expect((await refused(pullRemote(worktree))).code).toBe('not_fast_forward')
    expect(at.git(['rev-parse', 'HEAD'], worktree.path)).toBe(before)
    expect(at.git(['status', '--porcelain'], worktree.path)).toBe('')
  })

  test('[G-7] what was uploaded and is then pulled as a commit is no local change; anything else is, and stays as it was', async () => {
    using at = temporaryRepository()
    const theirs = withRemote(at)
    const worktree = await at.session()
    at.git(['push', '--quiet', 'origin', worktree.branch], worktree.path)
    at.git(['fetch', '--quiet'], theirs)
    at.git(['checkout', '--quiet', worktree.branch], theirs)
    at.write('new.txt', 'new\n', theirs)
    theyCommit(at, theirs, worktree.branch, 'src/a.txt', 'theirs\n')
    const here = { 'new.txt': 'new\n', 'src/a.txt': 'theirs\n', 'mine.txt': 'not committed\n' }
    for (const [file, text] of Object.entries(here)) at.write(file, text, worktree.path)
    expect(await pullRemote(worktree)).toMatchObject({ commits: 1 })
    expect(at.git(['status', '--porcelain'], worktree.path)).toBe('?? mine.txt')
    at.write('new.txt', 'newer\n', theirs)
    theyCommit(at, theirs, worktree.branch, 'src/a.txt', 'theirs again\n')
    at.write('new.txt', 'newer\n', worktree.path)
    at.write('src/a.txt', 'mine\n', worktree.path)
    const before = at.git(['status', '--porcelain'], worktree.path)
    await expect(pullRemote(worktree)).rejects.toThrow('src/a.txt')
    expect(at.git(['status', '--porcelain'], worktree.path)).toBe(before)
    expect(readFileSync(path.join(worktree.path, 'src/a.txt'), 'utf8')).toBe('mine\n')
  })

  test('[G-8] another branch of origin is merged in; one that is not there is said with git’s own words', async () => {
    using at = temporaryRepository()
    const theirs = withRemote(at)
    at.git(['checkout', '--quiet', '-b', 'feature'], theirs)
    theyCommit(at, theirs, 'feature', 'feature.txt', 'f\n')
    const worktree = await at.session()
    await commitInSession(at, worktree, 'mine.txt', 'x\n')
    expect(await pullBranch(worktree, 'feature', ann)).toMatchObject({ from: 'origin/feature', commits: 2 })
    expect(at.git(['log', '-1', '--format=%an %s'], worktree.path)).toContain('Ann Author Merge origin/feature')
    await expect(pullBranch(worktree, 'no-such', ann)).rejects.toThrow('no-such')
  })

  test('[G-10] the starter branch is merged in; a conflict leaves nothing half done and names its files', async () => {
    using at = temporaryRepository()
    const worktree = await at.session()
    at.write('new-on-main.txt', 'n\n')
    at.git(['add', '--all'])
    at.git(['commit', '--quiet', '-m', 'on main'])
    expect(await pullStarter(worktree, ann)).toMatchObject({ from: 'main', commits: 1 })
    await commitInSession(at, worktree, 'src/a.txt', 'mine\n')
    at.write('src/a.txt', 'theirs\n')
    at.git(['commit', '--quiet', '--all', '-m', 'also on main'])
    at.write('notes.txt', 'not committed\n', worktree.path)
    const refusal = await refused(pullStarter(worktree, ann))
    expect([refusal.code, refusal.files]).toEqual(['conflict', ['src/a.txt']])
    expect(readFileSync(path.join(worktree.path, 'src/a.txt'), 'utf8')).toBe('mine\n')
    expect(at.git(['status', '--porcelain'], worktree.path)).toBe('?? notes.txt')
    expect(existsSync(path.join(worktree.path, '.git', 'MERGE_HEAD'))).toBe(false)
  })

  test('[G-10] what is changed and not committed is never lost to a pull: it is refused with git’s own words', async () => {
    using at = temporaryRepository()
    const worktree = await at.session()
    at.write('src/a.txt', 'theirs\n')
    at.git(['commit', '--quiet', '--all', '-m', 'on main'])
    at.write('src/a.txt', 'not committed\n', worktree.path)
    await expect(pullStarter(worktree, ann)).rejects.toThrow('src/a.txt')
    expect(readFileSync(path.join(worktree.path, 'src/a.txt'), 'utf8')).toBe('not committed\n')
  })
})
