import { git, GitFailure } from './git.ts'
import { isThere } from './is-there.ts'
import { commitOf } from './repository.ts'
import type { Worktree } from './worktree.ts'

/** Where a worktree's head is, when it is not on the session's branch. */
export class OffBranch extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'OffBranch'
  }
}

/**
 * What makes or moves commits is for the session's branch: on another one, or on none, they would be lost or go where nobody
 * looks. @throws {OffBranch} saying where the head is, and what to do
 */
export async function requireOnBranch({ path: dir, branch }: Worktree): Promise<void> {
  const at = await symbolicHead(dir)
  if (at === branch) return
  const commit = await commitOf(dir, 'HEAD')
  const where = at === undefined ? `on no branch, at ${commit?.slice(0, 7) ?? 'nothing'}` : `on the branch ${at}`
  const rebase = (await isRebasing(dir)) ? ' A rebase was begun and is not finished.' : ''
  const way = rebase === '' ? `bring it back to ${branch}` : 'finish the rebase or abort it (git rebase --abort)'
  throw new OffBranch(
    `The worktree is ${where}, and not on ${branch}: the agent left it so.${rebase} Nothing was done. Ask the agent to ${way}.`,
  )
}

async function symbolicHead(dir: string): Promise<string | undefined> {
  try {
    return (await git(dir, ['symbolic-ref', '--quiet', 'HEAD'])).trim().replace(/^refs\/heads\//, '')
  } catch (error) {
    if (error instanceof GitFailure) return undefined
    throw error
  }
}

async function isRebasing(dir: string): Promise<boolean> {
  const folders = await git(dir, [
    'rev-parse',
    '--path-format=absolute',
    '--git-path',
    'rebase-merge',
    '--git-path',
    'rebase-apply',
  ])
  for (const folder of folders.trim().split('\n')) if (await isThere(folder)) return true
  return false
}
