import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { openMirror, fetchMirror, mirrorFolder } from './mirror.ts'
import { inspectRepository, openRepository, RepositoryRefused } from './repository.ts'
import { sampleRepository } from './sample.ts'
import { temporaryRepository } from './temporary-repository.ts'
import { requireGit } from './version.ts'
import { checkWorktreePath } from './worktree-path.ts'

const refusal = async (work: Promise<unknown>): Promise<RepositoryRefused> => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (error instanceof RepositoryRefused) return error
  throw new Error(`expected a refusal, got ${String(error)}`)
}

describe('a repository is looked at before it is used', () => {
  test('a good one: name, branches, starter branch', async () => {
    using at = temporaryRepository()
    at.git(['branch', 'other'])
    expect(await inspectRepository(await at.open(), at.repo)).toMatchObject({
      name: 'project',
      branches: ['main', 'other'],
      starterBranch: 'main',
    })
    expect(await requireGit()).toMatch(/^git version/)
  })

  test('what cannot be used says why and what to do', async () => {
    using at = temporaryRepository()
    using empty = temporaryRepository({ empty: true })
    expect((await refusal(openRepository(path.join(at.root, 'nowhere')))).code).toBe('path_missing')
    expect((await refusal(openRepository(path.join(at.repo, 'README.md')))).code).toBe('path_not_a_folder')
    expect((await refusal(openRepository(at.data))).code).toBe('not_a_repository')
    const nothing = await refusal(inspectRepository(await empty.open(), empty.repo))
    expect(nothing.code).toBe('repository_empty')
    expect(nothing.message).toContain('Commit something there first')
    const missing = await refusal(at.worktrees.create(await at.open(), 's1', 'x', 'nope'))
    expect(missing.code).toBe('branch_missing')
    expect(missing.message).toContain('It has: main.')
    expect(existsSync(path.join(at.data, 'worktrees'))).toBe(false)
  })

  test("a repository that belongs to someone else is refused in git's own words", async () => {
    using at = temporaryRepository()
    if (process.getuid?.() !== 0) {
      chmodSync(at.repo, 0o000)
      expect((await refusal(openRepository(at.repo))).code).toBe('path_without_rights')
      chmodSync(at.repo, 0o755)
      return
    }
    chownSync(at.repo, 12345, 12345)
    chownSync(path.join(at.repo, '.git'), 12345, 12345)
    expect((await refusal(openRepository(at.repo))).message).toContain('dubious ownership')
  })

  test('a folder inside a repository leads to the repository, and that is said', async () => {
    using at = temporaryRepository()
    const found = await inspectRepository(await openRepository(path.join(at.repo, 'src')), path.join(at.repo, 'src'))
    expect(found.name).toBe('project')
    expect(found.note).toContain('is inside the repository')
  })

  test('the sample repository is made once and its tests pass', async () => {
    using at = temporaryRepository()
    const folder = await sampleRepository(at.data)
    expect(await sampleRepository(at.data)).toBe(folder)
    expect(at.git(['log', '--format=%s'], folder)).toBe('A small project with tests')
  })
})

describe('worktrees', () => {
  test('[S-1] two sessions have a worktree and a branch each; neither sees the other, nor does the primary checkout', async () => {
    using at = temporaryRepository()
    const [one, two] = [await at.session('session1'), await at.session('session2')]
    expect(one.path).not.toBe(two.path)
    expect(one.branch).not.toBe(two.branch)
    at.write('src/a.txt', 'changed\n', one.path)
    expect(readFileSync(path.join(two.path, 'src/a.txt'), 'utf8')).toBe('one\ntwo\nthree\n')
    expect(at.git(['status', '--porcelain'])).toBe('')
    expect(at.git(['status', '--porcelain'], two.path)).toBe('')
  })

  test('[S-15] a session starts from the chosen base branch', async () => {
    using at = temporaryRepository()
    at.git(['checkout', '--quiet', '-b', 'release'])
    at.write('release.txt', '1\n')
    at.git(['add', '--all'])
    at.git(['commit', '--quiet', '-m', 'release'])
    at.git(['checkout', '--quiet', 'main'])
    const worktree = await at.worktrees.create(await at.open(), 's1', 'hotfix', 'release')
    expect(existsSync(path.join(worktree.path, 'release.txt'))).toBe(true)
    expect(at.git(['branch', '--show-current'], worktree.path)).toBe(worktree.branch)
  })

  test('a taken branch name: the next free one', async () => {
    using at = temporaryRepository()
    at.git(['branch', 'coppice/my-task-session1'])
    expect((await at.session()).branch).toBe('coppice/my-task-session1-2')
  })

  test('making one again finds it; one that was cut short is finished; work is never cleared away', async () => {
    using at = temporaryRepository()
    const made = await at.session()
    at.write('work.txt', 'mine\n', made.path)
    writeFileSync(at.git(['rev-parse', '--path-format=absolute', '--git-path', 'index.lock'], made.path), '')
    expect((await at.session()).path).toBe(made.path)
    expect(readFileSync(path.join(made.path, 'work.txt'), 'utf8')).toBe('mine\n')

    const record = path.join(at.data, 'sessions/half.json')
    writeFileSync(
      record,
      JSON.stringify({
        ...made,
        sessionId: 'half',
        path: at.worktrees.folder('half'),
        branch: 'coppice/half',
        made: false,
      }),
    )
    mkdirSync(at.worktrees.folder('half'), { recursive: true })
    writeFileSync(path.join(at.worktrees.folder('half'), 'README.md'), 'cut sh')
    const finished = await at.session('half')
    expect(readFileSync(path.join(finished.path, 'README.md'), 'utf8')).toBe('project\n')
    expect(finished.made).toBe(true)
  })

  test('hooks that came with the repository do not run when a worktree is made', async () => {
    using at = temporaryRepository()
    const mark = path.join(at.root, 'hook-ran')
    writeFileSync(path.join(at.repo, '.git/hooks/post-checkout'), `#!/bin/sh\ntouch ${mark}\n`, { mode: 0o755 })
    await at.session()
    expect(existsSync(mark)).toBe(false)
  })

  test('a URL gets one bare mirror; fetching follows the remote and leaves session branches alone', async () => {
    using at = temporaryRepository()
    const url = `file://${at.repo}`
    const mirror = await openMirror(at.data, url)
    expect(mirror.home).toBe(mirrorFolder(at.data, url))
    expect((await inspectRepository(mirror, url)).starterBranch).toBe('main')
    const worktree = await at.worktrees.create(mirror, 's1', 'from url', 'main')
    at.write('new.txt', 'x\n')
    at.git(['add', '--all'])
    at.git(['commit', '--quiet', '-m', 'second'])
    await fetchMirror(await openMirror(at.data, url))
    expect(at.git(['rev-parse', 'refs/remotes/origin/main'], mirror.home)).toBe(at.git(['rev-parse', 'main']))
    expect(at.git(['rev-parse', 'HEAD'], worktree.path)).toBe(worktree.baseCommit)
    expect(at.git(['branch', '--list'])).toBe('* main')
  })

  test('a URL that does not answer says so and leaves no half mirror', async () => {
    using at = temporaryRepository()
    const url = `file://${at.root}/none.git`
    expect((await refusal(openMirror(at.data, url))).message).toMatch(
      /git could not fetch .*does not exist|does not appear/s,
    )
    expect(existsSync(mirrorFolder(at.data, url))).toBe(false)
    expect(existsSync(`${mirrorFolder(at.data, url)}.making`)).toBe(false)
  })
})

describe('paths', () => {
  test('[F-9] a path never leaves the worktree and never enters .git', async () => {
    using at = temporaryRepository()
    symlinkSync(at.root, path.join(at.repo, 'out'))
    symlinkSync('.git', path.join(at.repo, 'inner'))
    symlinkSync('src', path.join(at.repo, 'link'))
    for (const bad of [
      '',
      '/etc/passwd',
      '../x',
      'src/../../x',
      'C:\\x',
      '.git/config',
      'src/.GIT/x',
      '.git./config',
      'out/project/README.md',
      'inner/config',
      'a\0b',
      '.',
    ]) {
      await expect(checkWorktreePath(at.repo, bad)).rejects.toThrow('"')
    }
    await expect(checkWorktreePath(at.repo, 'out', 'follow')).rejects.toThrow('leads out of the worktree')
    expect(await checkWorktreePath(at.repo, 'out')).toBe('out')
    expect(await checkWorktreePath(at.repo, './src//a.txt')).toBe('src/a.txt')
    expect(await checkWorktreePath(at.repo, 'link/a.txt')).toBe('link/a.txt')
    expect(await checkWorktreePath(at.repo, 'not/yet/there.txt')).toBe('not/yet/there.txt')
    expect(await checkWorktreePath(at.repo, '.gitignore')).toBe('.gitignore')
  })
})
