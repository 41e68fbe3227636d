import { git, GitFailure } from './git.ts'

/** `git merge-tree --write-tree`, by which Coppice merges without a checkout, came with 2.38. */
export const oldestGit = { major: 2, minor: 38 } as const

/** Git is missing or too old; the message says which, and what to do. */
export class GitUnusable extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'GitUnusable'
  }
}

/** Reads `git version 2.39.5 (…)`. */
export function parseGitVersion(text: string): { major: number; minor: number } | undefined {
  const found = /git version (\d+)\.(\d+)/.exec(text)
  if (!found) return undefined
  return { major: Number(found[1]), minor: Number(found[2]) }
}

/** Says what is wrong with this git, or nothing. */
export function objectionToGit(versionLine: string): string | undefined {
  const version = parseGitVersion(versionLine)
  const needed = `${oldestGit.major}.${oldestGit.minor}`
  if (!version)
    return `git answered "${versionLine.trim()}" when asked for its version; Coppice needs git ${needed} or newer.`
  const old = version.major < oldestGit.major || (version.major === oldestGit.major && version.minor < oldestGit.minor)
  if (!old) return undefined
  return `git ${version.major}.${version.minor} is too old: Coppice needs git ${needed} or newer (https://git-scm.com/downloads).`
}

/**
 * Checks that a usable git is installed, and gives its version line.
 * @throws {GitUnusable} when git is missing or too old.
 */
export async function requireGit(): Promise<string> {
  let line: string
  try {
    line = await git(process.cwd(), ['version'])
  } catch (error) {
    if (!(error instanceof GitFailure)) throw error
    throw new GitUnusable(
      /ENOENT/.test(error.message)
        ? 'git is not installed, or not on the PATH. Coppice needs it (https://git-scm.com/downloads).'
        : `git does not start: ${error.message}`,
    )
  }
  const objection = objectionToGit(line)
  if (objection) throw new GitUnusable(objection)
  return line.trim()
}
