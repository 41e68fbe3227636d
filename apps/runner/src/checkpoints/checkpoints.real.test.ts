import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { temporaryRepository } from '../git/temporary-repository.ts'
import { createCheckpoint, findCheckpoint } from './checkpoint.ts'
import { restoreCheckpoint } from './restore.ts'
import { archiveWorktree, bringBack, findRetired, removeWorktree } from './retire.ts'

describe('checkpoints', () => {
  test('[C-6] the whole tree is kept, the index is not touched, and the changed files are named with their lines', async () => {
    using at = temporaryRepository()
    const worktree = await at.session()
    const dir = worktree.path
    at.write('src/a.txt', 'one\n2\nthree\nfour\n', dir)
    at.write('new.txt', 'new\n', dir)
    at.write('secret.env', 'KEY=1\n', dir)
    at.git(['add', 'src/a.txt'], dir)
    at.git(['rm', '--quiet', 'README.md'], dir)
    const before = at.git(['status', '--porcelain'], dir)
    const made = await createCheckpoint(worktree, 'cp1', 'test')
    expect(at.git(['status', '--porcelain'], dir)).toBe(before)
    expect(made.files).toEqual([
      { path: 'README.md', status: 'deleted', additions: 0, deletions: 1 },
      { path: 'new.txt', status: 'added', additions: 1, deletions: 0 },
      { path: 'src/a.txt', status: 'modified', additions: 2, deletions: 1 },
    ])
    expect(at.git(['ls-tree', '-r', '--name-only', made.commit])).toBe('.gitignore\nnew.txt\nsrc/a.txt')
    at.write('later.txt', 'x\n', dir)
    expect((await createCheckpoint(worktree, 'cp1', 'test')).commit).toBe(made.commit)
    expect((await findCheckpoint(worktree, 'cp1'))?.files).toEqual(made.files)
  })

  test('[C-6] a change in the second in which the index was written is kept, also where nothing but the text tells it', async () => {
    using at = temporaryRepository()
    const worktree = await at.session()
    const dir = worktree.path
    const file = path.join(dir, 'src/a.txt')
    const index = path.resolve(dir, at.git(['rev-parse', '--git-path', 'index'], dir))
    const second = 1_000_000_000
    // The time of a file's last change of anything cannot be set; git can be told not to look at it.
    at.git(['config', 'core.trustctime', 'false'])
    at.write('src/a.txt', 'early\n', dir)
    utimesSync(file, second, second)
    at.git(['add', 'src/a.txt'], dir)
    at.write('src/a.txt', 'later\n', dir)
    utimesSync(file, second, second)
    utimesSync(index, second, second)
    const { commit } = await createCheckpoint(worktree, 'second', 'test')
    expect(at.git(['show', `${commit}:src/a.txt`], dir)).toBe('later')
  })

  test('checkpoints are hidden from fetch and clone, and a push does not take them along', async () => {
    using at = temporaryRepository()
    const worktree = await at.session()
    await createCheckpoint(worktree, 'cp1', 'test')
    at.git(['clone', '--quiet', '--mirror', at.repo, path.join(at.root, 'clone.git')], at.root)
    expect(at.git(['for-each-ref', 'refs/coppice'], path.join(at.root, 'clone.git'))).toBe('')
    at.git(['init', '--quiet', '--bare', path.join(at.root, 'remote.git')], at.root)
    at.git(['push', '--quiet', '--all', path.join(at.root, 'remote.git')])
    expect(at.git(['for-each-ref', 'refs/coppice'], path.join(at.root, 'remote.git'))).toBe('')
    expect(at.git(['for-each-ref', '--format=%(refname)', 'refs/coppice'])).toBe('refs/coppice/session1/cp1')
  })

  test('restoring brings files and index back: changed, deleted and new ones', async () => {
    using at = temporaryRepository()
    const worktree = await at.session()
    const dir = worktree.path
    at.write('src/a.txt', 'staged\n', dir)
    at.git(['add', '--all'], dir)
    at.write('src/a.txt', 'unstaged\n', dir)
    at.write('new.txt', 'new\n', dir)
    const status = at.git(['status', '--porcelain'], dir)
    const made = await createCheckpoint(worktree, 'cp1', 'test')
    at.write('src/a.txt', 'ruined\n', dir)
    at.write('new.txt', 'ruined\n', dir)
    at.write('more.txt', 'x\n', dir)
    at.write('secret.env', 'KEY=1\n', dir)
    at.git(['rm', '--quiet', '-f', 'README.md'], dir)
    await restoreCheckpoint(worktree, made)
    expect(at.git(['status', '--porcelain'], dir)).toBe(status)
    expect(readFileSync(path.join(dir, 'src/a.txt'), 'utf8')).toBe('unstaged\n')
    expect(at.git(['show', ':src/a.txt'], dir)).toBe('staged')
    expect(readFileSync(path.join(dir, 'README.md'), 'utf8')).toBe('project\n')
    expect(existsSync(path.join(dir, 'more.txt'))).toBe(false)
    expect(existsSync(path.join(dir, 'secret.env'))).toBe(true)
  })
})

describe('removal', () => {
  test('what is staged is kept also while somebody holds git’s lock on the index, and nobody is refused because of a checkpoint', async () => {
    using at = temporaryRepository()
    const worktree = await at.session()
    const dir = worktree.path
    at.write('src/a.txt', 'staged\n', dir)
    at.git(['add', 'src/a.txt'], dir)
    at.write('src/a.txt', 'unstaged\n', dir)
    const index = path.resolve(dir, at.git(['rev-parse', '--git-path', 'index'], dir))
    writeFileSync(`${index}.lock`, '')
    const { commit } = await createCheckpoint(worktree, 'locked', 'test')
    expect(at.git(['show', `${commit}^2:src/a.txt`], dir)).toBe('staged')
    expect(at.git(['show', `${commit}:src/a.txt`], dir)).toBe('unstaged')
  })

  test('[BE-9] before a worktree goes, everything is kept: tracked, untracked, staged, ignored and nested; and it comes back as it was', async () => {
    using at = temporaryRepository()
    const worktree = await at.session()
    const dir = worktree.path
    at.write('committed.txt', 'c\n', dir)
    at.git(['add', '--all'], dir)
    at.git(['commit', '--quiet', '-m', 'in session'], dir)
    at.write('src/a.txt', 'staged\n', dir)
    at.git(['add', '--all'], dir)
    at.write('src/a.txt', 'unstaged\n', dir)
    at.write('new.txt', 'new\n', dir)
    writeFileSync(path.join(dir, 'secret.env'), 'KEY=topsecret\n', { mode: 0o600 })
    at.write('node_modules/big/index.js', 'x', dir)
    symlinkSync('new.txt', path.join(dir, 'link'))
    for (const [name, hasCommit] of [
      ['nested', true],
      ['unborn', false],
    ] as const) {
      const nested = path.join(dir, name)
      mkdirSync(nested)
      at.git(['init', '--quiet'], nested)
      at.write('inner.txt', 'one\n', nested)
      if (hasCommit) {
        at.git(['add', '--all'], nested)
        at.git(['commit', '--quiet', '-m', 'nested'], nested)
      }
      at.write('work.txt', 'uncommitted\n', nested)
    }
    const before = at.git(['status', '--porcelain', '--untracked-files=all'], dir)
    const head = at.git(['rev-parse', 'HEAD'], dir)

    const { retired } = await archiveWorktree(at.data, worktree, 'end')
    expect(retired.leftOut).toEqual(['node_modules'])
    const archive = retired.archive
    if (!archive) throw new Error('there is an archive')
    expect(readFileSync(archive.file).includes('topsecret')).toBe(false)
    expect(statSync(path.join(at.data, 'archive.key')).mode & 0o777).toBe(0o600)
    await removeWorktree(at.worktrees, at.data, worktree)
    expect(existsSync(dir)).toBe(false)
    expect(at.git(['worktree', 'list', '--porcelain'])).not.toContain(dir)
    expect(at.git(['rev-parse', worktree.branch])).toBe(head)

    await bringBack(at.data, worktree)
    expect(at.git(['status', '--porcelain', '--untracked-files=all'], dir)).toBe(before)
    expect(at.git(['rev-parse', '--abbrev-ref', 'HEAD'], dir)).toBe(worktree.branch)
    expect(readFileSync(path.join(dir, 'src/a.txt'), 'utf8')).toBe('unstaged\n')
    expect(at.git(['show', ':src/a.txt'], dir)).toBe('staged')
    expect(readFileSync(path.join(dir, 'secret.env'), 'utf8')).toBe('KEY=topsecret\n')
    expect(lstatSync(path.join(dir, 'secret.env')).mode & 0o777).toBe(0o600)
    expect(readlinkSync(path.join(dir, 'link'))).toBe('new.txt')
    expect(at.git(['log', '--format=%s'], path.join(dir, 'nested'))).toBe('nested')
    expect(readFileSync(path.join(dir, 'nested/work.txt'), 'utf8')).toBe('uncommitted\n')
    expect(readFileSync(path.join(dir, 'unborn/work.txt'), 'utf8')).toBe('uncommitted\n')
    await bringBack(at.data, worktree)
  })

  test('[BE-9] a submodule with work in it keeps the worktree', async () => {
    using at = temporaryRepository()
    using library = temporaryRepository()
    at.git(['-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', library.repo, 'lib'])
    at.git(['commit', '--quiet', '-m', 'submodule'])
    const worktree = await at.session()
    at.git(['-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'update', '--init'], worktree.path)
    at.write('lib/README.md', 'changed\n', worktree.path)
    await expect(archiveWorktree(at.data, worktree, 'end')).rejects.toThrow('the submodule lib has uncommitted changes')
    at.git(['commit', '--quiet', '-am', 'local'], path.join(worktree.path, 'lib'))
    await expect(archiveWorktree(at.data, worktree, 'end')).rejects.toThrow(
      'the submodule lib has commits that are on no remote',
    )
    expect(existsSync(path.join(worktree.path, 'lib/README.md'))).toBe(true)
    at.git(['reset', '--quiet', '--hard', 'origin/main'], path.join(worktree.path, 'lib'))
    await archiveWorktree(at.data, worktree, 'end')
    await removeWorktree(at.worktrees, at.data, worktree)
    expect(existsSync(worktree.path)).toBe(false)
  })

  test('[BE-9] too many ignored bytes keep the worktree, and that is said; the primary checkout is never removed', async () => {
    using at = temporaryRepository()
    const worktree = await at.session()
    at.write('secret.env', 'x'.repeat(2000), worktree.path)
    await expect(archiveWorktree(at.data, worktree, 'end', 1000)).rejects.toThrow('is kept: its ignored files have')
    await expect(removeWorktree(at.worktrees, at.data, worktree)).rejects.toThrow('was not archived')
    expect(existsSync(worktree.path)).toBe(true)
    const primary = { ...worktree, path: at.repo }
    await expect(archiveWorktree(at.data, primary, 'end2')).rejects.toThrow('never removes it')
    await archiveWorktree(at.data, worktree, 'end3')
    await expect(removeWorktree(at.worktrees, at.data, primary)).rejects.toThrow('is not removed')
    expect(existsSync(path.join(at.repo, 'README.md'))).toBe(true)
  })

  test('a changed archive is found out before anything is unpacked', async () => {
    using at = temporaryRepository()
    const worktree = await at.session()
    at.write('secret.env', 'KEY=1\n', worktree.path)
    await archiveWorktree(at.data, worktree, 'end')
    await removeWorktree(at.worktrees, at.data, worktree)
    const file = (await findRetired(at.data, 'session1'))?.archive?.file ?? ''
    const bytes = readFileSync(file)
    bytes[40] = (bytes[40] ?? 0) ^ 1
    writeFileSync(file, bytes)
    await expect(bringBack(at.data, worktree)).rejects.toThrow('was changed, or was written with another key')
    expect(existsSync(path.join(worktree.path, 'secret.env'))).toBe(false)
  })
})
