import type { Fork } from '@coppice/events'
import { checkpointRef } from '../checkpoints/checkpoint.ts'
import { derivedId } from '../derived-id.ts'
import { git, onlyGitFailures } from '../git/git.ts'
import { commitOf, type Repository } from '../git/repository.ts'
import { WorktreeFailure, type BranchStart } from '../git/worktree.ts'

/** The files that a fork begins with, and where its branch does. */
export type ForkPoint = BranchStart & { readonly commit: string; readonly tree: string }

/** Finds the checkpoint from before the message that a session is forked at. @throws {WorktreeFailure} where it is gone. */
export async function forkPoint(repository: Repository, baseBranch: string, fork: Fork): Promise<ForkPoint> {
  const commit = await commitOf(repository.home, checkpointRef(fork.sessionId, derivedId(fork.turnId, 'turn_start')))
  if (commit === undefined)
    throw new WorktreeFailure(
      'The checkpoint to fork from is not in this repository any more. Fork from a later message, or begin a new session.',
    )
  const [tree = '', startCommit = ''] = (
    await git(repository.home, ['rev-parse', `${commit}^{tree}`, `${commit}^1`])
  ).split('\n')
  const base = await git(repository.home, ['merge-base', startCommit, baseBranch], { answers: [1] }).catch(
    onlyGitFailures,
  )
  return { commit, tree, startCommit, baseCommit: base?.trim() || startCommit }
}
