import { existsSync } from 'node:fs'
import { copyFile, mkdtemp, rm, stat, utimes } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { git, GitFailure, splitNul } from '../git/git.ts'

/**
 * Runs `work` with a copy of the worktree's index, so that the user's own index is not touched. The copy keeps git's
 * cached file times: only changed files are read again.
 */
export async function withTemporaryIndex<T>(
  dir: string,
  work: (env: { GIT_INDEX_FILE: string }) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'coppice-index-'))
  try {
    const index = path.join(folder, 'index')
    await copyIndex(await indexPath(dir), index).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
    })
    return await work({ GIT_INDEX_FILE: index })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/**
 * Copies an index with its time. Git reads a file again that changed in the second in which its index was written, because
 * its times tell no difference; a copy that looked younger would hide such a change.
 */
async function copyIndex(from: string, to: string): Promise<void> {
  // The time of before the copying: what is staged meanwhile makes git look once more than it must, never once less.
  const second = Math.floor((await stat(from)).mtimeMs / 1_000)
  await copyFile(from, to)
  await utimes(to, second, second)
}

/** Where a worktree's own index is; it never moves while the worktree is there. */
const indexPaths = new Map<string, string>()

async function indexPath(dir: string): Promise<string> {
  const known = indexPaths.get(dir)
  if (known && existsSync(known)) return known
  const found = (await git(dir, ['rev-parse', '--path-format=absolute', '--git-path', 'index'])).trim()
  indexPaths.set(dir, found)
  return found
}

/** The whole tree as git would track it: tracked and untracked files, without the ignored ones. Gives the tree's id. */
export async function wholeTree(dir: string): Promise<string> {
  return withTemporaryIndex(dir, async (env) => {
    try {
      await git(dir, ['add', '--all', '--', ':/'], { env, unsynced: true })
    } catch (error) {
      if (!(error instanceof GitFailure)) throw error
      // Git stops at a nested repository that has no commit: it is left out here, and kept by the archive.
      const nested = await nestedRepositories(dir)
      if (nested.length === 0) throw error
      await git(dir, ['add', '--all', '--', ':/', ...nested.map((name) => `:(exclude,literal,top)${name}`)], {
        env,
        unsynced: true,
      })
    }
    return (await git(dir, ['write-tree', '--missing-ok'], { env, unsynced: true })).trim()
  })
}

/**
 * The tree of the worktree's own index, read without git's lock on it: an agent that stages or commits at that moment is neither
 * refused nor a reason to be refused. Gives the tree's id.
 * @param more `unsynced` for a tree that is only looked at
 * @throws {GitFailure} where it holds unresolved conflicts, which cannot be a tree
 */
export async function indexTree(dir: string, more: { unsynced?: boolean } = {}): Promise<string> {
  return withTemporaryIndex(dir, async (env) => (await git(dir, ['write-tree'], { env, ...more })).trim())
}

/** Untracked folders that are git repositories of their own, relative to the worktree. */
export async function nestedRepositories(dir: string): Promise<string[]> {
  const others = splitNul(await git(dir, ['ls-files', '--others', '--exclude-standard', '-z']))
  return others.filter((name) => name.endsWith('/')).map((name) => name.slice(0, -1))
}
