import { constants } from 'node:fs'
import { access, realpath, stat } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { git, GitFailure } from './git.ts'

/** Why a repository cannot be used: a code for programs, a message for people. */
export class RepositoryRefused extends Error {
  readonly code: RepositoryRefusalCode

  constructor(code: RepositoryRefusalCode, message: string) {
    super(message)
    this.name = 'RepositoryRefused'
    this.code = code
  }
}

/** The reasons of {@link RepositoryRefused}. */
export type RepositoryRefusalCode =
  | 'path_missing'
  | 'path_not_a_folder'
  | 'path_without_rights'
  | 'not_a_repository'
  | 'repository_empty'
  | 'branch_missing'
  | 'clone_failed'
  | 'source_invalid'

/**
 * A repository that sessions can be made in.
 *
 * From a path it is the user's own repository: worktrees and branches are made there, so that a merge lands where the
 * user works. From a URL it is a bare mirror in the runner's data folder. See docs/decisions.
 */
export type Repository = {
  /** `primary`: a repository of the user. `mirror`: a bare one of ours. */
  readonly kind: 'primary' | 'mirror'
  /** The git folder shared by all worktrees; also the name of the repository's lock. */
  readonly gitDir: string
  /** Where git commands about the repository run: the primary checkout, or the bare folder. */
  readonly home: string
}

/** What a repository looks like to someone who is about to add it. */
export type Inspection = {
  readonly repository: Repository
  readonly name: string
  readonly branches: readonly string[]
  readonly starterBranch: string
  /** Set when the given path was a folder inside the repository. */
  readonly note?: string
}

/** `~` and relative paths are what people type; a log holds the full path. */
export function expandPath(given: string): string {
  const home = given === '~' || given.startsWith('~/') ? path.join(os.homedir(), given.slice(1)) : given
  return path.resolve(home)
}

/**
 * Opens the repository at a path of this machine.
 * @throws {RepositoryRefused}
 */
export async function openRepository(given: string): Promise<Repository> {
  if (given.trim() === '' || given.includes('\0'))
    throw new RepositoryRefused('source_invalid', 'No path was given. Give the folder of a git repository.')
  const folder = expandPath(given)
  await requireReadableFolder(folder)
  let answer: string
  try {
    answer = await git(folder, ['rev-parse', '--path-format=absolute', '--git-common-dir', '--is-bare-repository'])
  } catch (error) {
    if (!(error instanceof GitFailure)) throw error
    if (/not a git repository/i.test(error.message)) {
      throw new RepositoryRefused(
        'not_a_repository',
        `${folder} is not a git repository. Run "git init" there and commit something, or choose another folder.`,
      )
    }
    throw new RepositoryRefused('not_a_repository', `git cannot use ${folder}: ${error.message}`)
  }
  const [commonDir = '', bare = ''] = answer.trim().split('\n')
  const gitDir = await realpath(commonDir)
  if (bare === 'true') return { kind: 'primary', gitDir, home: gitDir }
  // Asked from the common folder, git names the primary checkout even when the path was a linked worktree.
  const first = (await git(folder, ['worktree', 'list', '--porcelain', '-z'])).split('\0')[0] ?? ''
  const home = first.startsWith('worktree ') ? first.slice('worktree '.length) : folder
  return { kind: 'primary', gitDir, home }
}

async function requireReadableFolder(folder: string): Promise<void> {
  try {
    const found = await stat(folder)
    if (!found.isDirectory())
      throw new RepositoryRefused(
        'path_not_a_folder',
        `${folder} is not a folder. Give the folder of a git repository.`,
      )
    await access(folder, constants.R_OK | constants.X_OK)
  } catch (error) {
    if (error instanceof RepositoryRefused) throw error
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT' || code === 'ENOTDIR')
      throw new RepositoryRefused('path_missing', `There is no folder ${folder} on this runner's machine.`)
    if (code === 'EACCES' || code === 'EPERM') {
      throw new RepositoryRefused(
        'path_without_rights',
        `The runner (user ${os.userInfo().username}) may not read ${folder}. Give it the rights, or choose another folder.`,
      )
    }
    throw error
  }
}

/**
 * Opens a repository and names its branches and the one that sessions start from by default.
 * @throws {RepositoryRefused} when there is nothing to work on yet.
 */
export async function inspectRepository(repository: Repository, given: string): Promise<Inspection> {
  const branches = await listBranches(repository)
  const head = await headBranch(repository)
  if (branches.length === 0) {
    throw new RepositoryRefused(
      'repository_empty',
      `The repository ${given} has no commit yet. Commit something there first: a session starts from a commit.`,
    )
  }
  const starterBranch =
    head !== undefined && branches.includes(head)
      ? head
      : (['main', 'master', 'trunk', 'develop'].find((name) => branches.includes(name)) ?? branches[0] ?? '')
  const inside = repository.kind === 'primary' && repository.home !== (await realpath(expandPath(given)))
  return {
    repository,
    name: repositoryName(given, repository),
    branches,
    starterBranch,
    ...(inside ? { note: `${given} is inside the repository ${repository.home}, which is what will be used.` } : {}),
  }
}

function repositoryName(given: string, repository: Repository): string {
  const from = repository.kind === 'primary' ? repository.home : given
  const last =
    from
      .replace(/[/\\]+$/, '')
      .split(/[/\\:]/)
      .at(-1) ?? ''
  return last.replace(/\.git$/, '') || 'repository'
}

/** The branch that HEAD names, also when it has no commit; nothing when HEAD is detached. */
export async function headBranch(repository: Repository): Promise<string | undefined> {
  if (repository.kind === 'mirror') {
    const remote = await git(repository.home, ['symbolic-ref', '-q', 'refs/remotes/origin/HEAD']).catch(absent)
    if (remote) return remote.trim().replace('refs/remotes/origin/', '')
  }
  const head = await git(repository.home, ['symbolic-ref', '-q', '--short', 'HEAD']).catch(absent)
  return head ? head.trim() : undefined
}

/** Branch names a session can start from: local ones and, where there is no local one of the name, the remote's. */
export async function listBranches(repository: Repository): Promise<string[]> {
  const out = await git(repository.home, ['for-each-ref', '--format=%(refname)', 'refs/heads', 'refs/remotes/origin'])
  const names = new Set<string>()
  for (const ref of out.split('\n')) {
    const name = ref.replace(/^refs\/heads\//, '').replace(/^refs\/remotes\/origin\//, '')
    if (name !== '' && name !== 'HEAD') names.add(name)
  }
  return [...names].sort()
}

/** The commit a branch stands at: the local branch, else origin's. Nothing when there is no such branch. */
export async function branchCommit(repository: Repository, branch: string): Promise<string | undefined> {
  return (
    (await commitOf(repository.home, `refs/heads/${branch}`)) ??
    (await commitOf(repository.home, `refs/remotes/origin/${branch}`))
  )
}

/** The commit a ref points at, or nothing. */
export async function commitOf(dir: string, ref: string): Promise<string | undefined> {
  const out = await git(dir, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`]).catch(absent)
  return out ? out.trim() : undefined
}

/**
 * The commit that a session on this base branch starts from.
 * @throws {RepositoryRefused} naming the branches there are.
 */
export async function requireBranch(repository: Repository, branch: string): Promise<string> {
  const commit = branch.startsWith('-') ? undefined : await branchCommit(repository, branch)
  if (commit) return commit
  const branches = (await listBranches(repository)).filter((name) => !name.startsWith('coppice/'))
  const known = branches.slice(0, 10).join(', ') + (branches.length > 10 ? ', …' : '')
  throw new RepositoryRefused(
    'branch_missing',
    `There is no branch "${branch}" in ${repository.home}. It has: ${known || 'none'}.`,
  )
}

function absent(error: unknown): undefined {
  if (error instanceof GitFailure) return undefined
  throw error
}
