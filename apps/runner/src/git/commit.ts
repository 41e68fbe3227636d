import { authorEnvironment } from './author.ts'
import type { Author } from './author.ts'
import { git } from './git.ts'

/** A commit that was made. */
export type CommitMade = { readonly commit: string; readonly subject: string }

/**
 * Commits what is staged, as the given person. The repository's hooks run, as they do when a person commits.
 * @throws {GitFailure} with git's or the hook's own words.
 */
export async function commit(dir: string, message: string, author: Author): Promise<CommitMade> {
  if (message.trim() === '') throw new Error('The commit message is empty. Write what the change is for.')
  const env = authorEnvironment(author)
  await git(dir, ['commit', '--quiet', '--cleanup=strip', '--file=-'], { env, input: message.trim(), hooks: true })
  const [id = '', subject = ''] = (await git(dir, ['log', '-1', '--format=%H%n%s'])).split('\n')
  return { commit: id, subject }
}
