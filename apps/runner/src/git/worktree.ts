import { mkdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { branchName, nthBranchName } from './branch-name.ts'
import { git, GitFailure, onlyGitFailures } from './git.ts'
import { isThere } from './is-there.ts'
import { commitOf, requireBranch } from './repository.ts'
import type { Repository } from './repository.ts'

/**
 * Git LFS leaves its files as pointers: they are fetched when the worktree is there, where a server that is away costs files and
 * not the worktree.
 */
const pointersOnly = { GIT_LFS_SKIP_SMUDGE: '1' }

/** A session's worktree: what the runner must know to find it again. Kept as a file, because refs do not tell it all. */
export type Worktree = {
  readonly sessionId: string
  readonly repository: Repository
  readonly path: string
  readonly branch: string
  readonly baseBranch: string
  /** The commit the branch was made from: the branch point of all diffs. */
  readonly baseCommit: string
  /** Where the branch began, if not at its branch point: a fork goes on from another session's commits. */
  readonly startCommit?: string
  /** False until git has finished making it. Only a folder that was never finished may be cleared away. */
  readonly made: boolean
  /** The change of hands by which this runner has the session; absent where it never changed hands. */
  readonly lease?: number
}

const mostBranchNames = 1000

/** A worktree could not be made; the message is for people. */
export class WorktreeFailure extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'WorktreeFailure'
  }
}

/** Where a new branch begins, and which commit its changes are counted against. */
export type BranchStart = { readonly startCommit: string; readonly baseCommit: string }

/** Makes, finds and forgets the worktrees in one data folder. */
export class Worktrees {
  readonly #data: string

  constructor(dataFolder: string) {
    this.#data = dataFolder
  }

  /** Where a session's worktree stands. */
  folder(sessionId: string): string {
    return path.join(this.#data, 'worktrees', safeId(sessionId))
  }

  #recordFile(sessionId: string): string {
    return path.join(this.#data, 'sessions', `${safeId(sessionId)}.json`)
  }

  /** What is known of a session's worktree, also when its folder has been removed. */
  async find(sessionId: string): Promise<Worktree | undefined> {
    const text = await readFile(this.#recordFile(sessionId), 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    })
    return text === undefined ? undefined : (JSON.parse(text) as Worktree)
  }

  /**
   * Makes a session's worktree on a branch of its own, or finishes making it: the record is written before git acts, so
   * the same call after a crash ends in the same worktree. The caller holds the repository's lock.
   */
  async create(
    repository: Repository,
    sessionId: string,
    name: string,
    baseBranch: string,
    start?: BranchStart,
  ): Promise<Worktree> {
    const known = await this.find(sessionId)
    if (known?.made && (await isWorktree(known))) return known
    const worktree = known ?? (await this.#plan(repository, sessionId, name, baseBranch, start))
    if (!known) await this.#record(worktree)
    if (known) await this.#clearHalfMade(worktree)
    const branchThere = known && (await commitOf(repository.home, `refs/heads/${worktree.branch}`)) !== undefined
    const args = branchThere
      ? [worktree.path, worktree.branch]
      : ['-b', worktree.branch, worktree.path, startOf(worktree)]
    try {
      await mkdir(path.dirname(worktree.path), { recursive: true })
      await git(repository.home, ['worktree', 'add', '--quiet', ...args], { env: pointersOnly })
    } catch (error) {
      // Nothing half made: the branch is removed only if this call made it and it still stands at its base.
      await this.#clearHalfMade(worktree)
      if (!known) {
        await git(repository.home, ['update-ref', '-d', `refs/heads/${worktree.branch}`, startOf(worktree)]).catch(
          onlyGitFailures,
        )
        await rm(this.#recordFile(sessionId), { force: true })
      }
      if (error instanceof GitFailure) throw new WorktreeFailure(`git could not make the worktree: ${error.message}`)
      throw error
    }
    const made: Worktree = { ...worktree, made: true }
    await this.#record(made)
    return made
  }

  /**
   * Makes the worktree of a session that another runner made: on its branch, where that is here, else on a new one at `head`.
   * A repository that two runners share has the branch checked out in the other one's worktree, too. The caller holds the
   * repository's lock.
   */
  async takeUp(
    repository: Repository,
    {
      head,
      ...of
    }: Pick<Worktree, 'sessionId' | 'branch' | 'baseBranch' | 'baseCommit'> & {
      readonly head: string
      readonly lease: number
    },
  ): Promise<Worktree> {
    const worktree: Worktree = { ...of, repository, path: this.folder(of.sessionId), made: false }
    await this.#record(worktree)
    await this.#clearHalfMade(worktree)
    const there = (await commitOf(repository.home, `refs/heads/${of.branch}`)) !== undefined
    const args = there ? ['--force', worktree.path, of.branch] : ['-b', of.branch, worktree.path, head]
    await mkdir(path.dirname(worktree.path), { recursive: true })
    await git(repository.home, ['worktree', 'add', '--quiet', ...args], { env: pointersOnly })
    const made: Worktree = { ...worktree, made: true }
    await this.#record(made)
    return made
  }

  /** Forgets what was known of a session's worktree: it is kept elsewhere, or has another maker now. */
  async forget(sessionId: string): Promise<void> {
    await rm(this.#recordFile(sessionId), { force: true })
  }

  async #plan(
    repository: Repository,
    sessionId: string,
    name: string,
    baseBranch: string,
    start?: BranchStart,
  ): Promise<Worktree> {
    const wanted = branchName(name, sessionId)
    const [baseCommit, firstIsFree] = await Promise.all([
      start?.baseCommit ?? requireBranch(repository, baseBranch),
      branchIsFree(repository, nthBranchName(wanted, 1)),
    ])
    for (let n = 1; n <= mostBranchNames; n += 1) {
      const branch = nthBranchName(wanted, n)
      if (n === 1 ? firstIsFree : await branchIsFree(repository, branch)) {
        const at = { sessionId, repository, path: this.folder(sessionId), branch, baseBranch, baseCommit, made: false }
        return start ? { ...at, startCommit: start.startCommit } : at
      }
    }
    throw new WorktreeFailure(`The branch name ${wanted} and the ${mostBranchNames} after it are taken.`)
  }

  async #record(worktree: Worktree): Promise<void> {
    const file = this.#recordFile(worktree.sessionId)
    await mkdir(path.dirname(file), { recursive: true })
    await writeFile(`${file}.new`, JSON.stringify(worktree, null, 2), { flush: true })
    await rename(`${file}.new`, file)
  }

  /** Removes the folder and git's notes of it. Only ever called before the session began, or after a checkpoint. */
  async removeFolder(worktree: Worktree): Promise<void> {
    if (path.resolve(worktree.path) !== this.folder(worktree.sessionId)) {
      throw new WorktreeFailure(`${worktree.path} is not a session's worktree and is not removed.`)
    }
    await this.#clearHalfMade(worktree)
  }

  async #clearHalfMade(worktree: Worktree): Promise<void> {
    await git(worktree.repository.home, ['worktree', 'unlock', worktree.path]).catch(onlyGitFailures)
    await git(worktree.repository.home, ['worktree', 'remove', '--force', '--force', worktree.path]).catch(
      onlyGitFailures,
    )
    await rm(worktree.path, { recursive: true, force: true })
  }
}

/** The commit that the branch began at. */
const startOf = ({ startCommit, baseCommit }: Worktree): string => startCommit ?? baseCommit

/** True when the folder is there and is a worktree of the session's repository. */
export async function isWorktree(worktree: Worktree): Promise<boolean> {
  if (!(await isThere(path.join(worktree.path, '.git')))) return false
  const answer = await git(worktree.path, ['rev-parse', '--path-format=absolute', '--git-common-dir']).catch(
    onlyGitFailures,
  )
  return answer !== undefined && (await realpath(answer.trim())) === worktree.repository.gitDir
}

async function branchIsFree(repository: Repository, branch: string): Promise<boolean> {
  const taken = await git(repository.home, [
    'for-each-ref',
    '--count=1',
    '--format=x',
    `refs/heads/${branch}`,
    `refs/remotes/origin/${branch}`,
  ])
  return taken === ''
}

/** Ids become folder names: anything but letters, digits, `-` and `_` is refused. */
export function safeId(id: string): string {
  if (!/^[A-Za-z0-9_-]{1,100}$/.test(id)) throw new WorktreeFailure(`"${id}" is not an id.`)
  return id
}
