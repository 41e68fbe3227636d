import { createHash } from 'node:crypto'
import { mkdir, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { git, GitFailure, onlyGitFailures } from './git.ts'
import type { GitProgress } from './git.ts'
import { isThere } from './is-there.ts'
import { commitOf, RepositoryRefused } from './repository.ts'
import type { Repository } from './repository.ts'

const networkSilence = 120_000

/** Where a URL's mirror stands in the data folder: one for each URL, whatever it is called. */
export function mirrorFolder(dataFolder: string, url: string): string {
  const name =
    url
      .replace(/\/+$/, '')
      .split(/[/:]/)
      .at(-1)
      ?.replace(/\.git$/, '')
      .replace(/[^\w.-]/g, '') || 'repository'
  return path.join(dataFolder, 'mirrors', `${name}-${createHash('sha256').update(url).digest('hex').slice(0, 12)}.git`)
}

/** Only transports that cannot run a command of the caller's choice: no `ext::`, no option-like text. */
export function checkUrl(url: string): void {
  const plain = /^(https?|ssh|git|file):\/\/\S+$/.test(url) || /^[\w.-]+@[\w.-]+:\S+$/.test(url)
  if (!plain) {
    throw new RepositoryRefused(
      'source_invalid',
      `"${redactUrl(url)}" is not a repository address. Use https://…, ssh://… or user@host:path.`,
    )
  }
}

/** A URL without the user and password that may stand in it. */
export function redactUrl(url: string): string {
  return url.replace(/^([a-z+]+:\/\/)[^/@]*@/i, '$1')
}

/**
 * Clones the mirror of a URL, or opens it where it is. The mirror keeps the remote's branches under `refs/remotes/origin`,
 * so that fetching never touches the branches of sessions. A clone that is cut short leaves nothing behind.
 * @throws {RepositoryRefused} with git's own words.
 */
export async function openMirror(
  dataFolder: string,
  url: string,
  onProgress?: (progress: GitProgress) => void,
): Promise<Repository> {
  checkUrl(url)
  const folder = mirrorFolder(dataFolder, url)
  const repository: Repository = { kind: 'mirror', gitDir: folder, home: folder }
  if (await isThere(path.join(folder, 'HEAD'))) return repository
  const making = `${folder}.making`
  await rm(making, { recursive: true, force: true })
  await mkdir(making, { recursive: true })
  try {
    await git(making, ['init', '--bare', '--quiet', '.'])
    await git(making, ['remote', 'add', 'origin', url])
    await fetchMirror({ kind: 'mirror', gitDir: making, home: making }, onProgress)
    await rename(making, folder)
  } catch (error) {
    await rm(making, { recursive: true, force: true })
    if (!(error instanceof GitFailure)) throw error
    throw new RepositoryRefused(
      'clone_failed',
      `git could not fetch ${redactUrl(url)}: ${wordsOf(error).replaceAll(url, redactUrl(url))}. Check the address, and that the runner's machine can reach it and may read it (git ls-remote there tells).`,
    )
  }
  return repository
}

/** What git said, as part of a sentence: without the word it begins its complaints with. */
const wordsOf = (failure: GitFailure): string =>
  failure.message.replace(/^(GitFailure: )?(fatal: )?/, '').replace(/\.$/, '')

/** Fetches the remote's branches and finds out which one it calls its own. Starter branches that are only behind follow. */
export async function fetchMirror(repository: Repository, onProgress?: (progress: GitProgress) => void): Promise<void> {
  const dir = repository.home
  await git(dir, ['fetch', '--prune', '--no-tags', '--progress', 'origin', '+refs/heads/*:refs/remotes/origin/*'], {
    silence: networkSilence,
    ...(onProgress ? { onProgress } : {}),
  })
  await git(dir, ['remote', 'set-head', 'origin', '--auto'], { silence: networkSilence }).catch(onlyGitFailures)
  const local = (await git(dir, ['for-each-ref', '--format=%(refname:lstrip=2)', 'refs/heads']))
    .split('\n')
    .filter((name) => name !== '' && !name.startsWith('coppice/'))
  for (const branch of local) await followRemote(dir, branch)
}

/** Moves a local branch to the remote's commit when that is straight ahead; a branch with merges of ours stays. */
async function followRemote(dir: string, branch: string): Promise<void> {
  const [mine, theirs] = [
    await commitOf(dir, `refs/heads/${branch}`),
    await commitOf(dir, `refs/remotes/origin/${branch}`),
  ]
  if (!mine || !theirs || mine === theirs) return
  const behind = await git(dir, ['merge-base', '--is-ancestor', mine, theirs]).then(() => true, onlyGitFailures)
  if (behind) await git(dir, ['update-ref', `refs/heads/${branch}`, theirs, mine])
}
