import type { DiffScope } from '@coppice/protocol'
import { findCheckpoint } from '../checkpoints/checkpoint.ts'
import { indexTree, wholeTree } from '../checkpoints/temporary-index.ts'
import { git, GitFailure } from '../git/git.ts'
import { emptyTree, headTree, treeOf } from '../git/head-tree.ts'
import { commitOf } from '../git/repository.ts'
import type { Worktree } from '../git/worktree.ts'

/** The two sides of a comparison: trees, which never change. */
export type Sides = { readonly from: string; readonly to: string }

/** What was asked to be compared cannot be; the message says why. */
export class NothingToCompare extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'NothingToCompare'
  }
}

/** The trees that a scope compares, as they are now. @throws {NothingToCompare} @throws {GitFailure} */
export async function sidesOf(worktree: Worktree, scope: DiffScope): Promise<Sides> {
  const dir = worktree.path
  switch (scope.kind) {
    case 'base':
      return { from: await treeOf(dir, worktree.baseCommit), to: await wholeTree(dir) }
    case 'head':
      return { from: await headTree(dir), to: await wholeTree(dir) }
    case 'staged':
      return { from: await headTree(dir), to: await stagedTree(dir) }
    case 'index':
      return { from: await stagedTree(dir), to: await wholeTree(dir) }
    case 'checkpoint':
      return {
        from: await checkpointTree(worktree, scope.from),
        to: scope.to === undefined ? await wholeTree(dir) : await checkpointTree(worktree, scope.to),
      }
    case 'commit':
      return commitSides(worktree, scope.commit)
  }
}

async function stagedTree(dir: string): Promise<string> {
  try {
    return await indexTree(dir, { unsynced: true })
  } catch (error) {
    if (!(error instanceof GitFailure)) throw error
    const unmerged = await git(dir, ['ls-files', '--unmerged', '-z'])
    if (unmerged === '') throw error
    throw new NothingToCompare(
      'There are conflicts, so nothing can be told of what is staged. Resolve them, or look at all that is not committed.',
    )
  }
}

async function checkpointTree(worktree: Worktree, checkpointId: string): Promise<string> {
  const found = await findCheckpoint(worktree, checkpointId)
  if (!found) throw new NothingToCompare('That checkpoint is not on this runner any more.')
  return found.tree
}

/** Only commits of the session's branch: others are nobody's business here. */
async function commitSides(worktree: Worktree, commit: string): Promise<Sides> {
  const dir = worktree.path
  const known = await commitOf(dir, commit)
  const isOurs = known !== undefined && (await isAncestor(dir, known))
  if (!known || !isOurs) throw new NothingToCompare('That commit is not on the branch of this session any more.')
  const parent = await commitOf(dir, `${known}^1`)
  return { from: parent ? await treeOf(dir, parent) : await emptyTree(dir), to: await treeOf(dir, known) }
}

async function isAncestor(dir: string, commit: string): Promise<boolean> {
  if ((await commitOf(dir, 'HEAD')) === undefined) return false
  const base = await git(dir, ['merge-base', commit, 'HEAD'], { answers: [1] })
  return base.trim() === commit
}
