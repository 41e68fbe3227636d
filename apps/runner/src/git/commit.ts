import { authorEnvironment } from './author.ts'
import type { Author } from './author.ts'
import { git } from './git.ts'
import { commitOf } from './repository.ts'
import type { Worktree } from './worktree.ts'

/** A commit that was made. */
export type CommitMade = { readonly commit: string; readonly subject: string }

/**
 * Commits what is staged, as the given person. The repository's hooks run, as they do when a person commits.
 * @throws {GitFailure} with git's or the hook's own words.
 */
export async function commit(
  dir: string,
  message: string,
  author: Author,
  { amend, signOff }: { readonly amend?: true | undefined; readonly signOff?: true | undefined } = {},
): Promise<CommitMade> {
  if (message.trim() === '') throw new Error('The commit message is empty. Write what the change is for.')
  const env = authorEnvironment(author)
  const how = [...(amend ? ['--amend'] : []), ...(signOff ? ['--signoff'] : [])]
  await git(dir, ['commit', '--quiet', '--cleanup=strip', ...how, '--file=-'], {
    env,
    input: message.trim(),
    hooks: true,
  })
  const [id = '', subject = ''] = (await git(dir, ['log', '-1', '--format=%H%n%s'])).split('\n')
  return { commit: id, subject }
}

/** A commit that the session did not make is not its to change. @throws where there is none of its own */
export async function requireOwnCommit({ path: dir, baseCommit, baseBranch }: Worktree): Promise<void> {
  const head = await commitOf(dir, 'HEAD')
  const since = head === undefined ? '' : await git(dir, ['rev-list', '--count', head, `^${baseCommit}`])
  const starter = await commitOf(dir, `refs/heads/${baseBranch}`)
  const inStarter =
    head !== undefined && starter !== undefined && (await git(dir, ['merge-base', head, starter])).trim() === head
  if (since.trim() === '' || since.trim() === '0' || inStarter)
    throw new Error('The last commit is not one of this session alone, so it cannot be amended. Make a new one.')
}
