import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { temporaryRepository, type TemporaryRepository } from '../git/temporary-repository.ts'
import type { Worktree } from '../git/worktree.ts'
import { fetchLfsFiles } from './lfs-files.ts'

const nothing = (): void => undefined
const hasLfs = ((): boolean => {
  try {
    return execFileSync('git', ['lfs', 'version'], { encoding: 'utf8', stdio: 'pipe' }).startsWith('git-lfs')
  } catch (error) {
    if (error instanceof Error && 'status' in error) return false
    throw error
  }
})()
const content = 'the real contents '.repeat(200)

/** Runs with a home folder whose git settings are these; they come after the system's. */
async function withSettings<T>(home: string, settings: string, work: () => Promise<T>): Promise<T> {
  writeFileSync(path.join(home, '.gitconfig'), `[user]\n\tname = A\n\temail = a@b.c\n${settings}`)
  const before = { HOME: process.env['HOME'], PATH: process.env['PATH'] }
  process.env['HOME'] = home
  try {
    return await work()
  } finally {
    for (const [name, value] of Object.entries(before))
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
  }
}

const notSetUp = '[filter "lfs"]\n\tclean =\n\tsmudge =\n\tprocess =\n\trequired = false\n'
const filter = `[filter "lfs"]\n\tclean = git-lfs clean -- %f\n\tsmudge = git-lfs smudge -- %f\n\tprocess = git-lfs filter-process\n\trequired = true\n`

/** A session's worktree with pointers in it, whose contents are at the repository's remote only. */
async function pointersIn(at: TemporaryRepository, kind: 'primary' | 'mirror'): Promise<Worktree> {
  const remote = path.join(at.root, 'remote.git')
  execFileSync('git', ['init', '-q', '--bare', remote])
  at.git(['remote', 'add', 'origin', `file://${remote}`])
  writeFileSync(path.join(at.repo, '.gitattributes'), '*.bin filter=lfs diff=lfs merge=lfs -text\n')
  await withSettings(at.root, filter, () => {
    writeFileSync(path.join(at.repo, 'large.bin'), content)
    for (const args of [
      ['add', '--all'],
      ['commit', '-qm', 'lfs'],
      ['lfs', 'push', 'origin', 'HEAD'],
    ])
      execFileSync('git', args, { cwd: at.repo, stdio: 'pipe' })
    return Promise.resolve()
  })
  rmSync(path.join(at.repo, '.git/lfs'), { recursive: true, force: true })
  const worktree = await withSettings(at.root, notSetUp, () => at.session('s1'))
  return { ...worktree, repository: { ...worktree.repository, kind } }
}
const inWorktree = ({ path: folder }: Worktree): string => readFileSync(path.join(folder, 'large.bin'), 'utf8')

test.runIf(hasLfs)(
  '[WS-3] files kept by Git LFS are fetched where git-lfs is set up, and in a clone of Coppice’s own also where not',
  async () => {
    using at = temporaryRepository()
    const own = await pointersIn(at, 'primary')
    expect(inWorktree(own).slice(0, 14)).toBe('version https:')
    expect(await withSettings(at.root, filter, () => fetchLfsFiles(own, nothing))).toBeUndefined()
    expect(inWorktree(own)).toBe(content)
    using again = temporaryRepository()
    const mirror = await pointersIn(again, 'mirror')
    expect(await withSettings(again.root, notSetUp, () => fetchLfsFiles(mirror, nothing))).toBeUndefined()
    expect(inWorktree(mirror)).toBe(content)
  },
)

test.runIf(hasLfs)(
  '[WS-3] where git-lfs is not set up, or the contents are nowhere, there is a worktree, and the session is told why and what to do',
  async () => {
    using at = temporaryRepository()
    const worktree = await pointersIn(at, 'primary')
    expect(await withSettings(at.root, notSetUp, () => fetchLfsFiles(worktree, nothing))).toMatch(
      /not set up\. Run "git lfs install" there once/,
    )
    expect(inWorktree(worktree).slice(0, 14)).toBe('version https:')
    rmSync(path.join(at.root, 'remote.git/lfs'), { recursive: true, force: true })
    const failed = await withSettings(at.root, filter, () => fetchLfsFiles(worktree, nothing))
    expect(failed).toMatch(/pointers.*run "git lfs pull" in the worktree|still pointers/is)
    // A new worktree is made all the same, where git would fetch them as it checks out, and cannot.
    const next = await withSettings(at.root, filter, () => at.session('s2'))
    expect(inWorktree(next).slice(0, 14)).toBe('version https:')
    expect(await withSettings(at.root, filter, () => fetchLfsFiles(next, nothing))).toMatch(/pointers/)
  },
)

test('where there is no git-lfs it is said; without files of it nothing is', async () => {
  using at = temporaryRepository()
  const plain = await at.session('s0')
  expect(await fetchLfsFiles(plain, nothing)).toBeUndefined()
  writeFileSync(path.join(at.repo, '.gitattributes'), '*.bin filter=lfs diff=lfs merge=lfs -text\n')
  at.git(['add', '--all'])
  at.git(['commit', '-qm', 'lfs'])
  const worktree = await at.session('s1')
  const tools = path.join(at.root, 'tools')
  mkdirSync(tools)
  symlinkSync(execFileSync('which', ['git'], { encoding: 'utf8' }).trim(), path.join(tools, 'git'))
  const note = await withSettings(at.root, notSetUp, () => {
    process.env['PATH'] = tools
    return fetchLfsFiles(worktree, nothing)
  })
  expect(note).toContain('git-lfs is not installed on the runner')
})
