import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { Redaction } from '../agents/redaction.ts'
import { temporaryRepository } from '../git/temporary-repository.ts'
import { furnishWorktree } from './furnish-worktree.ts'

const git = (cwd: string, ...args: string[]): string =>
  execFileSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@b.c', ...args], { cwd, encoding: 'utf8' })
const nothing = (): void => undefined

test('[WS-2] ignored files that a pattern names are copied, nothing else is; secrets in them are known from then on', async () => {
  using at = temporaryRepository()
  writeFileSync(path.join(at.repo, '.gitignore'), '.env*\nlocal/\nbuild/\n')
  git(at.repo, 'add', '.gitignore')
  git(at.repo, 'commit', '-qm', 'ignore')
  writeFileSync(path.join(at.repo, '.env'), 'API_KEY=sk-from-the-env-file\nPORT=3000\n')
  mkdirSync(path.join(at.repo, 'local/deep'), { recursive: true })
  writeFileSync(path.join(at.repo, 'local/deep/settings.json'), '{}')
  mkdirSync(path.join(at.repo, 'build'))
  writeFileSync(path.join(at.repo, 'build/out.js'), '1')
  writeFileSync(path.join(at.repo, 'untracked.txt'), 'not ignored')
  symlinkSync('/etc/passwd', path.join(at.repo, '.env.link'))
  const worktree = await at.session('s1')
  const redaction = new Redaction([])
  const notes = await furnishWorktree({ redaction }, worktree, ['.env*', 'local/', 'untracked.txt'], nothing)
  expect(notes).toEqual([])
  const there = (name: string): boolean => existsSync(path.join(worktree.path, name))
  expect(['.env', 'local/deep/settings.json', 'build/out.js', 'untracked.txt', '.env.link'].map(there)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ])
  expect(redaction.text('sk-from-the-env-file 3000')).toBe('[redacted] 3000')
  writeFileSync(path.join(worktree.path, '.env'), 'CHANGED=1\n')
  await furnishWorktree({ redaction }, worktree, ['.env*'], nothing)
  expect(readFileSync(path.join(worktree.path, '.env'), 'utf8')).toBe('CHANGED=1\n')
})

test('[WS-3] submodules are checked out; one that cannot be had is said, with what to do', async () => {
  using at = temporaryRepository()
  const library = path.join(at.root, 'library')
  mkdirSync(library)
  git(library, 'init', '-q')
  writeFileSync(path.join(library, 'lib.txt'), 'lib\n')
  git(library, 'add', '.')
  git(library, 'commit', '-qm', 'lib')
  git(at.repo, '-c', 'protocol.file.allow=always', 'submodule', 'add', '-q', library, 'lib')
  git(at.repo, 'commit', '-qm', 'with a submodule')
  const worktree = await at.session('s1')
  // Git does not clone submodules from folders unless it is told that it may.
  const refused = await furnishWorktree({ redaction: new Redaction([]) }, worktree, [], nothing)
  expect(refused).toMatchObject([
    expect.stringMatching(/could not be checked out: .*not allowed.*git submodule update/s),
  ])
  writeFileSync(path.join(at.root, '.gitconfig'), '[protocol "file"]\n\tallow = always\n')
  const home = process.env['HOME']
  process.env['HOME'] = at.root
  try {
    expect(await furnishWorktree({ redaction: new Redaction([]) }, worktree, [], nothing)).toEqual([])
  } finally {
    if (home === undefined) delete process.env['HOME']
    else process.env['HOME'] = home
  }
  expect(readFileSync(path.join(worktree.path, 'lib/lib.txt'), 'utf8')).toBe('lib\n')
})
