import { git, GitFailure } from './git.ts'

/** A network command that says nothing for so long is ended, ms. */
const SILENCE_MS = 120_000

const asksForPassword = /could not read (Username|Password)|terminal prompts disabled|Authentication failed/i
const asksForKey = /Permission denied \(publickey|Host key verification failed/i

/**
 * A git command that speaks with a remote. Nobody is there to type a password, so one that is asked for is told at once,
 * with what to do. @throws {GitFailure} with git's own words otherwise
 */
export async function gitOverNetwork(dir: string, args: readonly string[]): Promise<string> {
  try {
    return await git(dir, args, { silence: SILENCE_MS })
  } catch (error) {
    if (!(error instanceof GitFailure)) throw error
    const asks = asksForPassword.test(error.message)
      ? 'a name and a password, or does not take those it was given'
      : asksForKey.test(error.message)
        ? 'an SSH key that the runner does not have'
        : undefined
    if (!asks) throw error
    throw new Error(
      `origin asks for ${asks}. Set up a credential helper or a key for git on the runner's machine, so that "git push" works there without a question; then try again. Nothing was changed. (${error.message.trim()})`,
      { cause: error },
    )
  }
}
