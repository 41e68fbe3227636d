import path from 'node:path'
import { authorEnvironment } from './author.ts'
import type { Author } from './author.ts'
import { git, gitAnswer, GitFailure, splitNul } from './git.ts'
import { isThere } from './is-there.ts'
import { branchCommit, commitOf } from './repository.ts'
import { quickStatus } from './status.ts'
import type { Worktree } from './worktree.ts'

/** How a session's branch gets into the starter branch. */
export type MergeStrategy = 'merge' | 'squash' | 'fast-forward'

/** Why a merge was not done. In every case nothing was changed anywhere. */
export class MergeRefused extends Error {
  readonly code:
    'conflict' | 'checkout_dirty' | 'branch_moved' | 'nothing_to_merge' | 'not_fast_forward' | 'branch_missing'
  /** The files in conflict, or the changed ones that stand in the way. */
  readonly files: readonly string[]

  constructor(code: MergeRefused['code'], message: string, files: readonly string[] = []) {
    super(message)
    this.name = 'MergeRefused'
    this.code = code
    this.files = files
  }
}

/** A merge that was done. */
export type Merged = {
  readonly commit: string
  readonly into: string
  /** The folder where the branch is checked out and was brought along. */
  readonly checkout: string | null
  /** Changed files of the session that are not committed, so are not in the merge. */
  readonly leftOut: readonly string[]
}

/**
 * Merges a session's branch into its starter branch, without a checkout (git-merge-tree(1)): a conflict leaves nothing
 * half done. Never pushes. Where the starter branch is checked out in a clean folder, that folder moves along; where it has
 * uncommitted changes, or the branch moved meanwhile, nothing happens. The caller holds the repository's lock.
 * @throws {MergeRefused} @throws {GitFailure}
 */
export async function mergeToStarter(
  worktree: Worktree,
  strategy: MergeStrategy,
  author: Author,
  message?: string,
): Promise<Merged> {
  const { home } = worktree.repository
  const into = worktree.baseBranch
  const target = `refs/heads/${into}`
  const source = await commitOf(worktree.path, 'HEAD')
  const local = await commitOf(home, target)
  const old = local ?? (await branchCommit(worktree.repository, into))
  if (!source || !old)
    throw new MergeRefused('branch_missing', `The branch ${into} is no longer there. Make it again, or merge by hand.`)
  const leftOut = (await quickStatus(worktree.path)).files.map((file) => file.path)
  if (await isAncestor(home, source, old)) {
    const hint =
      leftOut.length > 0 ? ` ${leftOut.length} changed file(s) are not committed yet: commit them first.` : ''
    throw new MergeRefused(
      'nothing_to_merge',
      `${into} already has every commit of ${worktree.branch}.${hint}`,
      leftOut,
    )
  }
  const checkout = await checkoutOf(home, target)
  if (checkout) await requireClean(checkout, into)
  const merged = await mergedCommit(worktree, strategy, old, source, author, message)
  if (checkout) await moveCheckout(checkout, into, merged)
  else await moveBranch(home, target, merged, local, into)
  return { commit: merged, into, checkout: checkout ?? null, leftOut }
}

async function mergedCommit(
  worktree: Worktree,
  strategy: MergeStrategy,
  old: string,
  source: string,
  author: Author,
  message?: string,
): Promise<string> {
  const { home } = worktree.repository
  const into = worktree.baseBranch
  const straight = await isAncestor(home, old, source)
  if (strategy === 'fast-forward') {
    if (straight) return source
    throw new MergeRefused(
      'not_fast_forward',
      `${into} has commits that ${worktree.branch} has not, so it cannot be fast-forwarded. Pull from ${into} first, or merge with a merge commit.`,
    )
  }
  const tree = await mergedTree(home, old, source, worktree, into)
  const parents = strategy === 'merge' ? ['-p', old, '-p', source] : ['-p', old]
  const text =
    message?.trim() ||
    (strategy === 'merge' ? `Merge branch '${worktree.branch}' into ${into}` : `Squashed ${worktree.branch}`)
  return (
    await git(home, ['commit-tree', tree, ...parents, '-F', '-'], { env: authorEnvironment(author), input: text })
  ).trim()
}

async function mergedTree(
  home: string,
  old: string,
  source: string,
  worktree: Worktree,
  into: string,
): Promise<string> {
  const answer = await gitAnswer(
    home,
    ['merge-tree', '--write-tree', '--name-only', '--no-messages', '-z', old, source],
    { answers: [1] },
  )
  const [tree = '', ...conflicted] = splitNul(answer.out)
  if (answer.code === 0) return tree
  const files = [...new Set(conflicted.filter((name) => name !== ''))]
  throw new MergeRefused(
    'conflict',
    `${worktree.branch} and ${into} both changed: ${files.join(', ')}. Nothing was merged.`,
    files,
  )
}

/** The folder where a branch is checked out, if any: the primary checkout, or another worktree. */
async function checkoutOf(home: string, ref: string): Promise<string | undefined> {
  const records = (await git(home, ['worktree', 'list', '--porcelain', '-z'])).split('\0\0')
  for (const record of records) {
    const lines = record.split('\0')
    const folder = lines.find((line) => line.startsWith('worktree '))?.slice('worktree '.length)
    if (folder && lines.includes(`branch ${ref}`) && !lines.includes('bare')) return folder
  }
  return undefined
}

async function requireClean(checkout: string, into: string): Promise<void> {
  const dirty = (await quickStatus(checkout)).files.filter((file) => file.worktree !== '?').map((file) => file.path)
  const gitDir = (await git(checkout, ['rev-parse', '--absolute-git-dir'])).trim()
  if (await isThere(path.join(gitDir, 'MERGE_HEAD')))
    throw new MergeRefused(
      'checkout_dirty',
      `${into} is checked out in ${checkout}, where a merge is under way. Finish it, then merge again. Nothing was changed.`,
    )
  if (dirty.length === 0) return
  const named = dirty.slice(0, 5).join(', ') + (dirty.length > 5 ? `, and ${dirty.length - 5} more` : '')
  throw new MergeRefused(
    'checkout_dirty',
    `${into} is checked out in ${checkout} with uncommitted changes (${named}). Commit or stash them there, then merge again. Nothing was changed.`,
    dirty,
  )
}

/** A fast-forward by git itself: it moves branch, index and files together, and refuses where an untracked file is in the way. */
async function moveCheckout(checkout: string, into: string, commit: string): Promise<void> {
  try {
    await git(checkout, ['merge', '--ff-only', '--quiet', commit])
  } catch (error) {
    if (!(error instanceof GitFailure)) throw error
    if (/not possible to fast-forward/i.test(error.message)) throw moved(into)
    throw new MergeRefused(
      'checkout_dirty',
      `${into} is checked out in ${checkout}, and git would not update it: ${error.message}`,
    )
  }
}

async function moveBranch(
  home: string,
  target: string,
  commit: string,
  old: string | undefined,
  into: string,
): Promise<void> {
  try {
    await git(home, ['update-ref', '-m', 'coppice: merge', target, commit, old ?? '0'.repeat(commit.length)])
  } catch (error) {
    if (error instanceof GitFailure) throw moved(into)
    throw error
  }
}

function moved(into: string): MergeRefused {
  return new MergeRefused('branch_moved', `${into} moved while the merge was made. Nothing was changed; merge again.`)
}

async function isAncestor(dir: string, older: string, newer: string): Promise<boolean> {
  return (await gitAnswer(dir, ['merge-base', '--is-ancestor', older, newer], { answers: [1] })).code === 0
}
