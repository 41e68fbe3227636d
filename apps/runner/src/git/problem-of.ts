import { GitFailure } from './git.ts'

/** Git's last words, if it failed. */
export async function problemOf(work: Promise<unknown>): Promise<string | undefined> {
  try {
    await work
    return undefined
  } catch (error) {
    if (!(error instanceof GitFailure)) throw error
    return `${error.message.trim().split('\n').slice(-3).join(' ').slice(0, 1_000)}.`
  }
}
