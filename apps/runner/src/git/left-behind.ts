import { GitFailure } from './git.ts'
import { headBranch } from './repository.ts'
import type { Repository } from './repository.ts'
import { quickStatus } from './status.ts'

const named = 3

/** Says which uncommitted files of the user's own checkout a session on this branch goes without, if there are any. */
export async function leftBehind(repository: Repository, baseBranch: string): Promise<string | undefined> {
  if (repository.kind !== 'primary' || repository.home === repository.gitDir) return undefined
  if ((await headBranch(repository)) !== baseBranch) return undefined
  const files = await changedPaths(repository.home)
  if (files.length === 0) return undefined
  const list = files.slice(0, named).join(', ') + (files.length > named ? `, and ${files.length - named} more` : '')
  return `Not in this worktree, since not committed in ${repository.home}: ${list}. They were left as they are; commit them there if the session shall have them.`
}

/** A status that git cannot give is no reason to go without a worktree: then nothing is said. */
async function changedPaths(folder: string): Promise<readonly string[]> {
  try {
    return (await quickStatus(folder)).files.map((file) => file.path)
  } catch (error) {
    if (error instanceof GitFailure) return []
    throw error
  }
}
