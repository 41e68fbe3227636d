import type { ChangedFile } from '@coppice/events'
import { authorEnvironment, coppiceAuthor } from '../git/author.ts'
import { git, GitFailure, onlyGitFailures } from '../git/git.ts'
import { commitOf } from '../git/repository.ts'
import { safeId } from '../git/worktree.ts'
import type { Worktree } from '../git/worktree.ts'
import { changedFiles } from './changed-files.ts'
import { syncFileSystem } from './sync-file-system.ts'
import { indexTree, wholeTree } from './temporary-index.ts'

/** The whole tree of a session at one moment, as a commit under a hidden ref. */
export type Checkpoint = {
  readonly id: string
  /** Parents: the branch's commit, then (if the index differed from it) a commit that holds the index. */
  readonly commit: string
  readonly tree: string
  readonly head: string
  /** What the session changed since its branch point. */
  readonly files: readonly ChangedFile[]
}

/** Refs of one session's checkpoints. Nothing under `refs/coppice` is pushed by default, fetched, or cloned. */
export function checkpointRef(sessionId: string, checkpointId: string): string {
  return `refs/coppice/${safeId(sessionId)}/${safeId(checkpointId)}`
}

/**
 * Keeps the whole tree (tracked and untracked, not ignored) and the index. The user's index and files are not touched.
 * Its objects reach the disk when the system writes them; see {@link createSyncedCheckpoint}.
 * Asking again with the same id gives the first one: a crash between making and reporting loses nothing.
 */
export async function createCheckpoint(worktree: Worktree, checkpointId: string, reason: string): Promise<Checkpoint> {
  const dir = worktree.path
  const ref = checkpointRef(worktree.sessionId, checkpointId)
  const [known, tree, indexTree] = await Promise.all([
    whereItStands(worktree),
    wholeTree(dir),
    treeOfIndex(dir),
    hideRefs(worktree),
  ])
  const [head = '', headTree = '', baseTree = ''] = known.split('\n')
  const counting = tree === baseTree ? Promise.resolve([]) : changedFiles(dir, baseTree, tree)
  const making = keepTree(dir, tree, head, indexTree && indexTree !== headTree ? indexTree : undefined, reason)
  const [files, commit] = await Promise.all([counting, making])
  try {
    // Only if there is none of this id yet.
    await git(dir, ['update-ref', ref, commit, '0'.repeat(commit.length)], { unsynced: true })
  } catch (error) {
    const made = error instanceof GitFailure ? await commitOf(dir, ref) : undefined
    if (made) return readCheckpoint(worktree, checkpointId, made)
    throw error
  }
  return { id: checkpointId, commit, tree, head, files }
}

/** The branch's commit, its tree, and the tree of the branch point, a line each. */
async function whereItStands({ path: dir, baseCommit }: Worktree): Promise<string> {
  const from = (commit: string) =>
    git(dir, ['rev-parse', `${commit}^{commit}`, `${commit}^{tree}`, `${baseCommit}^{tree}`])
  // A branch without a commit is kept as if it stood at the branch point.
  return (await from('HEAD').catch(onlyGitFailures)) ?? from(baseCommit)
}

/** Writes the commit; an index that differs from the branch becomes its second parent. */
async function keepTree(
  dir: string,
  tree: string,
  head: string,
  indexTree: string | undefined,
  reason: string,
): Promise<string> {
  const options = { env: authorEnvironment(coppiceAuthor), unsynced: true }
  const parents = ['-p', head]
  if (indexTree) {
    const index = await git(dir, ['commit-tree', indexTree, '-p', head, '-m', 'index'], options)
    parents.push('-p', index.trim())
  }
  return (await git(dir, ['commit-tree', tree, ...parents, '-m', reason], options)).trim()
}

/** As {@link createCheckpoint}, and on the disk when this returns: before anything that destroys what it keeps. */
export async function createSyncedCheckpoint(
  worktree: Worktree,
  checkpointId: string,
  reason: string,
): Promise<Checkpoint> {
  const checkpoint = await createCheckpoint(worktree, checkpointId, reason)
  await syncFileSystem(worktree.repository.gitDir)
  return checkpoint
}

/** Finds a checkpoint by its id. */
export async function findCheckpoint(worktree: Worktree, checkpointId: string): Promise<Checkpoint | undefined> {
  const commit = await commitOf(worktree.repository.home, checkpointRef(worktree.sessionId, checkpointId))
  return commit ? readCheckpoint(worktree, checkpointId, commit) : undefined
}

async function readCheckpoint(worktree: Worktree, id: string, commit: string): Promise<Checkpoint> {
  const dir = worktree.repository.home
  const [tree = '', head = ''] = (await git(dir, ['rev-parse', `${commit}^{tree}`, `${commit}^1`])).trim().split('\n')
  return { id, commit, tree, head, files: await changedFiles(dir, worktree.baseCommit, tree) }
}

/** The tree of the user's index; nothing while it holds unresolved conflicts (those cannot be a tree). */
async function treeOfIndex(dir: string): Promise<string | undefined> {
  return indexTree(dir).catch((error: unknown) => {
    if (error instanceof GitFailure) return undefined
    throw error
  })
}

const hidden = new Map<string, Promise<void>>()

/**
 * Tells the repository, once, to keep our refs out of fetches and clones of it and out of pushes to it. Two sessions that
 * begin at once ask once: git locks its configuration and would refuse the second.
 */
function hideRefs({ repository: { home } }: Worktree): Promise<void> {
  const known = hidden.get(home)
  if (known) return known
  const hiding = hideRefsIn(home)
  hidden.set(home, hiding)
  hiding.catch(() => hidden.delete(home))
  return hiding
}

async function hideRefsIn(home: string): Promise<void> {
  const listed = await git(home, ['config', '--local', '--get-all', 'transfer.hideRefs'], { answers: [1] })
  if (listed.split('\n').includes('refs/coppice')) return
  await git(home, ['config', '--local', '--add', 'transfer.hideRefs', 'refs/coppice'])
}
