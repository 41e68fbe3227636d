import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { unreachable } from '@coppice/events'
import type { FileOperation, GitOperation } from '@coppice/events'
import { changedFiles } from '../checkpoints/changed-files.ts'
import { createSyncedCheckpoint } from '../checkpoints/checkpoint.ts'
import type { Checkpoint } from '../checkpoints/checkpoint.ts'
import { indexTree } from '../checkpoints/temporary-index.ts'
import { applyLines, linesAreDone, linesDone } from '../git/apply-lines.ts'
import { commit, requireOwnCommit } from '../git/commit.ts'
import type { Author } from '../git/author.ts'
import { git, onlyGitFailures } from '../git/git.ts'
import { makePullRequest } from '../forge/pull-request.ts'
import { requireOnBranch } from '../git/on-branch.ts'
import { mergeToStarter } from '../git/merge.ts'
import { pushBranch } from '../git/push.ts'
import { pullBranch, pullRemote, pullStarter } from '../git/pull.ts'
import { commitOf } from '../git/repository.ts'
import { discard, stage, unstage } from '../git/staging.ts'
import { ideWords } from '../ide/in-words.ts'
import { safeId } from '../git/worktree.ts'
import type { Worktree } from '../git/worktree.ts'

/** What an operation did, in one sentence. */
export type OperationDone = { readonly summary: string; readonly head?: string; readonly url?: string }

/** Before discarding, what is thrown away is kept. */
export type BeforeOperation = (checkpoint: Checkpoint, reason: 'before_discard' | 'before_merge') => void

/** These are for the session's branch, and would be lost anywhere else. */
const movesCommits: readonly GitOperation['kind'][] = [
  'commit',
  'push',
  'pullRequest',
  'pullRemote',
  'pullBranch',
  'pullStarter',
]

/** Does one git operation. The caller holds the locks. @throws with git's own words. */
export async function perform(
  worktree: Worktree,
  operationId: string,
  operation: Exclude<GitOperation, FileOperation | { kind: 'applyUpload' }>,
  author: Author,
  before: BeforeOperation,
  /** Where a forge's token is. */
  environment: Readonly<Record<string, string | undefined>>,
): Promise<OperationDone> {
  const dir = worktree.path
  if (movesCommits.includes(operation.kind)) await requireOnBranch(worktree)
  switch (operation.kind) {
    case 'stage':
      await stage(dir, choice(operation.paths))
      return { summary: `Staged ${named(operation.paths)}.` }
    case 'unstage':
      await unstage(dir, choice(operation.paths))
      return { summary: `Unstaged ${named(operation.paths)}.` }
    case 'discard': {
      before(await createSyncedCheckpoint(worktree, operationId, 'before discarding'), 'before_discard')
      const gone = await discard(dir, choice(operation.paths))
      return {
        summary:
          gone.length === 0
            ? 'There was nothing to discard.'
            : `Discarded ${named(gone)}; a checkpoint keeps what was there.`,
      }
    }
    case 'commit': {
      if (operation.amend) await requireOwnCommit(worktree)
      const made = await commit(dir, operation.message, operation.author, operation)
      return {
        summary: `${operation.amend ? 'Amended' : 'Committed'} ${made.commit.slice(0, 7)}: ${made.subject}`,
        head: made.commit,
      }
    }
    case 'lines': {
      if (operation.how === 'discard')
        before(await createSyncedCheckpoint(worktree, operationId, 'before discarding'), 'before_discard')
      await applyLines(dir, operation)
      return { summary: linesDone(operation) }
    }
    case 'merge': {
      const merged = await mergeToStarter(worktree, operation.strategy, author)
      const left =
        merged.leftOut.length > 0
          ? ` ${merged.leftOut.length} changed file(s) that are not committed were left out.`
          : ''
      const where = merged.checkout ? `, also in ${merged.checkout}` : ''
      return { summary: `Merged to ${merged.into} (${merged.commit.slice(0, 7)})${where}.${left}`, head: merged.commit }
    }
    case 'push':
      await pushBranch(worktree)
      return { summary: `Pushed ${worktree.branch} to origin.` }
    case 'pullRequest':
      return makePullRequest(worktree, operation, environment)
    case 'pullIde': {
      before(await createSyncedCheckpoint(worktree, operationId, 'before pulling'), 'before_merge')
      const from = (await commitOf(dir, 'HEAD')) ?? ''
      const pulled = await pullRemote(worktree)
      const changes = await changedFiles(dir, from, pulled.head)
      const deletions = changes.filter((file) => file.status === 'deleted').length
      const counts = { files: changes.length - deletions, deletions }
      return { summary: ideWords(`pulled changes from ${pulled.from}`, counts), head: pulled.head }
    }
    case 'pullRemote':
    case 'pullBranch':
    case 'pullStarter': {
      before(await createSyncedCheckpoint(worktree, operationId, 'before pulling'), 'before_merge')
      const pulled =
        operation.kind === 'pullRemote'
          ? await pullRemote(worktree)
          : operation.kind === 'pullBranch'
            ? await pullBranch(worktree, operation.branch, author)
            : await pullStarter(worktree, author)
      const { from, commits, head } = pulled
      const brought = commits === 1 ? 'one commit' : `${commits} commits`
      return { summary: commits === 0 ? `${from} has nothing new.` : `Pulled ${brought} from ${from}.`, head }
    }
    default:
      return unreachable(operation)
  }
}

function choice(paths: readonly string[]): readonly string[] | 'all' {
  return paths.length === 0 ? 'all' : paths
}

function named(paths: readonly string[]): string {
  if (paths.length === 0) return 'all files'
  return paths.length === 1 ? (paths[0] ?? '') : `${paths.length} files`
}

/** What stood before an operation, kept on disk so that a restart can tell whether it was done. */
type Before = { readonly head: string; readonly starter: string; readonly indexTree: string }

function noteFile(dataFolder: string, operationId: string): string {
  return path.join(dataFolder, 'operations', `${safeId(operationId)}.json`)
}

/** Notes what stands before an operation begins. */
export async function noteBefore(dataFolder: string, worktree: Worktree, operationId: string): Promise<void> {
  const head = (await commitOf(worktree.path, 'HEAD')) ?? ''
  const starter = (await commitOf(worktree.path, `refs/heads/${worktree.baseBranch}`)) ?? ''
  // An index with conflicts is no tree.
  const tree = (await indexTree(worktree.path).catch(onlyGitFailures)) ?? ''
  const note: Before = { head, starter, indexTree: tree }
  const file = noteFile(dataFolder, operationId)
  await mkdir(path.dirname(file), { recursive: true })
  await writeFile(file, JSON.stringify(note), { flush: true })
}

/** The operation is settled; its note is no longer needed. */
export async function forgetNote(dataFolder: string, operationId: string): Promise<void> {
  await rm(noteFile(dataFolder, operationId), { force: true })
}

/**
 * After a restart: was an operation that had begun also done? Commits and merges show in their branches. The others can be
 * done again without harm. @returns what it did, or nothing where it has to be done (again) or given up.
 */
export async function probe(
  dataFolder: string,
  worktree: Worktree,
  operationId: string,
  operation: GitOperation,
): Promise<OperationDone | undefined> {
  const text = await readFile(noteFile(dataFolder, operationId), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) return undefined
  const before = JSON.parse(text) as Before
  if (operation.kind === 'commit') {
    const head = await commitOf(worktree.path, 'HEAD')
    if (!head || head === before.head) return undefined
    const [parent, tree] = (await git(worktree.path, ['rev-parse', `${head}^`, `${head}^{tree}`])).trim().split('\n')
    const onto = operation.amend ? await commitOf(worktree.path, `${before.head}^`) : before.head
    return parent === onto && tree === before.indexTree
      ? { summary: `Committed ${head.slice(0, 7)}.`, head }
      : undefined
  }
  if (operation.kind === 'lines')
    return (await linesAreDone(worktree.path, operation)) ? { summary: linesDone(operation) } : undefined
  if (operation.kind !== 'merge') return undefined
  const starter = await commitOf(worktree.path, `refs/heads/${worktree.baseBranch}`)
  if (!starter || starter === before.starter) return undefined
  const parents = (await git(worktree.path, ['rev-parse', `${starter}^@`])).trim().split('\n')
  const ours =
    starter === before.head ||
    parents.includes(before.head) ||
    (operation.strategy === 'squash' && parents.includes(before.starter))
  return ours ? { summary: `Merged to ${worktree.baseBranch} (${starter.slice(0, 7)}).`, head: starter } : undefined
}
