import type { ChangedFile } from '@coppice/events'
import { changedFiles, parseRawAndNumstat } from '../checkpoints/changed-files.ts'
import { wholeTree, withTemporaryIndex } from '../checkpoints/temporary-index.ts'
import { git } from './git.ts'
import { headTree } from './head-tree.ts'
import { checkWorktreePath } from './worktree-path.ts'
import type { Worktree } from './worktree.ts'

/**
 * What the files of a worktree are compared with. `index`: what is not staged. `staged`: what is staged, against HEAD.
 * `head`: all uncommitted changes. `base`: all the session changed since its branch point.
 */
export type DiffAgainst = 'index' | 'staged' | 'head' | 'base'

/** The diff of one file; without text where there is none to show. */
export type FileDiff =
  | { readonly path: string; readonly shown: 'text'; readonly text: string }
  | { readonly path: string; readonly shown: 'binary' | 'too_large' | 'unchanged'; readonly bytes?: number }

/** A longer diff of one file is not sent. */
export const longestDiff = 512 * 1024

const plain = ['--no-ext-diff', '--no-textconv', '--no-color', '-M'] as const

/** Names the changed files with their changed lines. */
export async function diffFiles(worktree: Worktree, against: DiffAgainst): Promise<ChangedFile[]> {
  const dir = worktree.path
  if (against === 'base') return changedFiles(dir, worktree.baseCommit, await wholeTree(dir))
  if (against === 'head') return changedFiles(dir, await headTree(dir), await wholeTree(dir))
  return withComparison(worktree, against, async (args, env) =>
    parseRawAndNumstat(await git(dir, [...args, '--raw', '--numstat', '-z', ...plain], { env })),
  )
}

/** The unified diff of one file. @throws {PathRefused} */
export async function diffFile(worktree: Worktree, against: DiffAgainst, given: string): Promise<FileDiff> {
  const file = await checkWorktreePath(worktree.path, given)
  const changed = (await diffFiles(worktree, against)).find((change) => change.path === file)
  if (!changed) return { path: file, shown: 'unchanged' }
  if (changed.binary) return { path: file, shown: 'binary' }
  const specs = [file, ...(changed.from ? [changed.from] : [])].map((name) => `:(literal,top)${name}`)
  const text = await withComparison(worktree, against, (args, env) =>
    git(worktree.path, [...args, '--unified=3', ...plain, '--', ...specs], { env }),
  )
  const bytes = Buffer.byteLength(text)
  return bytes > longestDiff ? { path: file, shown: 'too_large', bytes } : { path: file, shown: 'text', text }
}

async function withComparison<T>(
  worktree: Worktree,
  against: DiffAgainst,
  use: (args: string[], env: Record<string, string>) => Promise<T>,
): Promise<T> {
  const dir = worktree.path
  if (against === 'staged') return use(['diff', '--cached'], { GIT_OPTIONAL_LOCKS: '0' })
  if (against === 'index') {
    // New files are "intended to be added" in a copy of the index, so that they show like the others.
    return withTemporaryIndex(dir, async (env) => {
      await git(dir, ['add', '--intent-to-add', '--', ':/'], { env })
      return use(['diff'], { ...env, GIT_OPTIONAL_LOCKS: '0' })
    })
  }
  return use(['diff', against === 'head' ? await headTree(dir) : worktree.baseCommit, await wholeTree(dir)], {
    GIT_OPTIONAL_LOCKS: '0',
  })
}
