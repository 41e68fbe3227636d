import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { authorEnvironment, coppiceAuthor } from '../git/author.ts'
import { git, onlyGitFailures } from '../git/git.ts'
import { redactUrl } from '../git/mirror.ts'
import { commitOf } from '../git/repository.ts'
import type { Worktree } from '../git/worktree.ts'

/**
 * Makes the `.git` of a clone that goes on where a session's worktree stands (I-30): on its branch with all its history, with
 * `origin` and upstream set, what is staged staged, and no credentials in it. The files themselves are the worktree's.
 * @param folder empty; gets the `.git`
 */
export async function makeClone({ path: dir, branch, baseBranch }: Worktree, folder: string): Promise<void> {
  await git(folder, ['init', '--quiet', `--initial-branch=${branch}`])
  const index = await stagedCommit(dir)
  // A bundle is made of refs; this one stands for what is staged, and goes again at once.
  const ref = `refs/coppice/ide/${randomUUID()}`
  const bundle = path.join(folder, '.git', 'session.bundle')
  const remotes = await remoteRefs(dir, [branch, baseBranch])
  try {
    if (index) await git(dir, ['update-ref', ref, index])
    const refs = [`refs/heads/${branch}`, ...remotes, ...(index ? [ref] : [])]
    await git(dir, ['bundle', 'create', '--quiet', bundle, ...refs])
  } finally {
    if (index) await git(dir, ['update-ref', '-d', ref])
  }
  const wanted = [`+refs/heads/${branch}:refs/heads/${branch}`, ...remotes.map((one) => `+${one}:${one}`)]
  await git(folder, ['fetch', '--quiet', '--no-tags', '--update-head-ok', bundle, ...wanted, ...(index ? [ref] : [])])
  await rm(bundle)
  await git(folder, ['read-tree', index ?? 'HEAD'])
  await rm(path.join(folder, '.git', 'FETCH_HEAD'), { force: true })
  const origin = await originOf(dir)
  if (origin === undefined) return
  await git(folder, ['remote', 'add', 'origin', origin])
  await git(folder, ['config', `branch.${branch}.remote`, 'origin'])
  await git(folder, ['config', `branch.${branch}.merge`, `refs/heads/${branch}`])
}

/** The index as a commit on the branch; undefined where nothing is staged, or where it has conflicts and is no tree. */
async function stagedCommit(dir: string): Promise<string | undefined> {
  const tree = (await git(dir, ['write-tree']).catch(onlyGitFailures))?.trim()
  if (!tree || tree === (await git(dir, ['rev-parse', 'HEAD^{tree}'])).trim()) return undefined
  const env = authorEnvironment(coppiceAuthor)
  return (await git(dir, ['commit-tree', tree, '-p', 'HEAD', '-m', 'Staged'], { env })).trim()
}

/** What the repository knows of the remote's branches of these names. */
async function remoteRefs(dir: string, branches: readonly string[]): Promise<string[]> {
  const refs = [...new Set(branches)].map((name) => `refs/remotes/origin/${name}`)
  const found = await Promise.all(refs.map(async (ref) => ((await commitOf(dir, ref)) ? [ref] : [])))
  return found.flat()
}

/** Where pushes go, without user and password; of ssh the user stays, as it is part of the address. */
async function originOf(dir: string): Promise<string | undefined> {
  const url = (await git(dir, ['remote', 'get-url', 'origin']).catch(onlyGitFailures))?.trim()
  if (!url) return undefined
  return /^ssh:/i.test(url) ? url.replace(/^(ssh:\/\/[^/@:]+):[^/@]*@/i, '$1@') : redactUrl(url)
}
