import { commitOf, type Repository } from '../git/repository.ts'
import type { BranchStart } from '../git/worktree.ts'
import type { Address, RunnerContext } from '../runner-context.ts'

/**
 * Where a session of a group begins: at the commit of whichever was made first, however far the branch has moved since
 * (BE-5). The caller holds the repository's lock, so that two of a group cannot both be the first.
 * @returns undefined for the first one, which begins where its branch is
 */
export async function groupStart(
  context: Pick<RunnerContext, 'othersOfGroup' | 'worktrees'>,
  address: Address,
  groupId: string,
  repository: Repository,
): Promise<BranchStart | undefined> {
  for (const { sessionId, baseCommit } of context.othersOfGroup(address, groupId)) {
    // The record is written before git acts: it is there also where the log does not know of the worktree yet.
    const base = baseCommit || (await context.worktrees.find(sessionId))?.baseCommit
    if (base !== undefined && (await commitOf(repository.home, base)) !== undefined)
      return { startCommit: base, baseCommit: base }
  }
  return undefined
}
