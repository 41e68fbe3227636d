import { git } from './git.ts'
import { gitOverNetwork } from './network.ts'
import type { Worktree } from './worktree.ts'

/** Pushes the session's branch to origin, which it follows from then on. @throws {GitFailure} with git's own words. */
export async function pushBranch({ path: dir, branch }: Worktree): Promise<void> {
  if ((await git(dir, ['remote'])).split('\n').every((name) => name !== 'origin'))
    throw new Error('The repository has no remote called origin to push to.')
  await gitOverNetwork(dir, ['push', '--set-upstream', 'origin', `refs/heads/${branch}:refs/heads/${branch}`])
}
