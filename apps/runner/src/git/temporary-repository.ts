import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { openRepository } from './repository.ts'
import type { Repository } from './repository.ts'
import { Worktrees } from './worktree.ts'
import type { Worktree } from './worktree.ts'

/** A real repository and data folder for one test; disposed with it. */
export type TemporaryRepository = {
  readonly root: string
  readonly repo: string
  readonly data: string
  readonly worktrees: Worktrees
  open(): Promise<Repository>
  /** A worktree of a new session on `main`. */
  session(sessionId?: string, name?: string): Promise<Worktree>
  /** Runs git in the repository (or in `dir`) and gives its trimmed output. */
  git(args: readonly string[], dir?: string): string
  write(file: string, text: string, dir?: string): void
  [Symbol.dispose](): void
}

const identity = ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.org', '-c', 'commit.gpgsign=false']

/** Makes a repository with one commit: `README.md` and `src/a.txt` on `main`. */
export function temporaryRepository(options: { empty?: boolean } = {}): TemporaryRepository {
  const root = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'coppice-git-')))
  const repo = path.join(root, 'project')
  const data = path.join(root, 'data')
  mkdirSync(repo)
  mkdirSync(data)
  const git = (args: readonly string[], dir = repo): string =>
    execFileSync('git', [...identity, ...args], {
      cwd: dir,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim()
  const write = (file: string, text: string, dir = repo): void => {
    mkdirSync(path.dirname(path.join(dir, file)), { recursive: true })
    writeFileSync(path.join(dir, file), text)
  }
  git(['init', '--quiet', '--initial-branch=main'])
  if (!options.empty) {
    write('README.md', 'project\n')
    write('src/a.txt', 'one\ntwo\nthree\n')
    write('.gitignore', 'secret.env\nnode_modules/\n')
    git(['add', '--all'])
    git(['commit', '--quiet', '-m', 'first'])
  }
  const worktrees = new Worktrees(data)
  return {
    root,
    repo,
    data,
    worktrees,
    open: () => openRepository(repo),
    session: async (sessionId = 'session1', name = 'My task') =>
      worktrees.create(await openRepository(repo), sessionId, name, 'main'),
    git,
    write,
    [Symbol.dispose]() {
      rmSync(root, { recursive: true, force: true })
    },
  }
}
