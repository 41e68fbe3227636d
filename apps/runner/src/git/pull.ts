import { stageAlreadyHere } from './already-here.ts'
import type { Author } from './author.ts'
import { authorEnvironment } from './author.ts'
import { git, gitAnswer, splitNul } from './git.ts'
import { gitOverNetwork } from './network.ts'
import { MergeRefused } from './merge.ts'
import { commitOf } from './repository.ts'
import type { Worktree } from './worktree.ts'

/** What a pull brought. */
export type Pulled = { readonly from: string; readonly commits: number; readonly head: string }

/**
 * The session's branch as it is on origin, by fast-forward only (G-7): where both went on, nothing changes.
 * The caller holds the session's and the repository's lock. @throws {MergeRefused} @throws {GitFailure}
 */
export async function pullRemote(worktree: Worktree): Promise<Pulled> {
  const ref = await fetched(worktree, worktree.branch)
  const head = await headOf(worktree)
  if (await isIn(worktree, ref, head)) return { from: `origin/${worktree.branch}`, commits: 0, head }
  if (!(await isIn(worktree, head, ref)))
    throw new MergeRefused(
      'not_fast_forward',
      `Both have commits that the other has not: ${worktree.branch} here and on origin. Nothing was changed. Push under another name, or ask the agent to merge origin/${worktree.branch}.`,
    )
  const takeBack = await stageAlreadyHere(worktree.path, ref)
  return merged(worktree, ['--ff-only', ref], `origin/${worktree.branch}`, head).catch(async (error: unknown) => {
    await takeBack()
    throw error
  })
}

/** Another branch of origin, merged into the session's (G-8). @throws {MergeRefused} @throws {GitFailure} */
export async function pullBranch(worktree: Worktree, branch: string, author: Author): Promise<Pulled> {
  const ref = await fetched(worktree, branch)
  return mergedIn(worktree, ref, `origin/${branch}`, author)
}

/** What the starter branch has, merged into the session's (G-10). @throws {MergeRefused} @throws {GitFailure} */
export async function pullStarter(worktree: Worktree, author: Author): Promise<Pulled> {
  const { baseBranch } = worktree
  const ref =
    (await commitOf(worktree.path, `refs/heads/${baseBranch}`)) ??
    (await commitOf(worktree.path, `refs/remotes/origin/${baseBranch}`))
  if (!ref) throw new MergeRefused('branch_missing', `The branch ${baseBranch} is no longer there.`)
  return mergedIn(worktree, ref, baseBranch, author)
}

async function mergedIn(worktree: Worktree, ref: string, from: string, author: Author): Promise<Pulled> {
  const head = await headOf(worktree)
  if (await isIn(worktree, ref, head)) return { from, commits: 0, head }
  return merged(worktree, ['--no-edit', '-m', `Merge ${from} into ${worktree.branch}`, ref], from, head, author)
}

/** Merges into the worktree. A conflict leaves nothing half done: it is told with its files. */
async function merged(
  { path: dir }: Worktree,
  args: readonly string[],
  from: string,
  before: string,
  author?: Author,
): Promise<Pulled> {
  const env = author ? authorEnvironment(author) : {}
  try {
    await git(dir, ['merge', ...args], { env })
  } catch (error) {
    const files = splitNul(await git(dir, ['diff', '--name-only', '--diff-filter=U', '-z']))
    if (files.length === 0) throw error
    await git(dir, ['merge', '--abort'])
    throw new MergeRefused(
      'conflict',
      `${from} conflicts with this branch in ${files.length === 1 ? 'one file' : `${files.length} files`}. Nothing was changed. The agent can merge it: hand it over.`,
      files,
    )
  }
  const head = (await commitOf(dir, 'HEAD')) ?? before
  return { from, commits: Number(await git(dir, ['rev-list', '--count', `${before}..${head}`])), head }
}

/** Fetches a branch of origin; gives the commit. */
async function fetched({ path: dir }: Worktree, branch: string): Promise<string> {
  const remotes = (await git(dir, ['remote'])).split('\n')
  if (!remotes.includes('origin')) throw new Error('The repository has no remote called origin to pull from.')
  const ref = `refs/remotes/origin/${branch}`
  await gitOverNetwork(dir, ['fetch', '--no-tags', 'origin', `+refs/heads/${branch}:${ref}`])
  return (await commitOf(dir, ref)) ?? ref
}

const headOf = async ({ path: dir }: Worktree): Promise<string> => (await git(dir, ['rev-parse', 'HEAD'])).trim()

const isIn = async ({ path: dir }: Worktree, commit: string, of: string): Promise<boolean> =>
  (await gitAnswer(dir, ['merge-base', '--is-ancestor', commit, of], { answers: [1] })).code === 0
