import { lstat, readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { git, splitNul } from '../git/git.ts'
import { nestedRepositories } from './temporary-index.ts'

/** Folders that tools fill again by themselves: never archived. Left out too is any folder with a CACHEDIR.TAG. */
export const cacheFolders: ReadonlySet<string> = new Set([
  'node_modules',
  '.venv',
  'venv',
  '__pycache__',
  '.cache',
  '.turbo',
  '.next',
  '.nuxt',
  '.parcel-cache',
  '.gradle',
  '.tox',
  '.pytest_cache',
  '.mypy_cache',
  '.ruff_cache',
  '.pnpm-store',
  'bower_components',
])

/** What a checkpoint cannot hold, and so goes to the archive. Paths are relative to the worktree. */
export type Uncheckpointed = {
  readonly files: readonly string[]
  readonly bytes: number
  /** Cache folders that were left out, by path. */
  readonly leftOut: readonly string[]
}

/** Finds ignored files and nested repositories (with their `.git`), without caches. */
export async function uncheckpointed(dir: string): Promise<Uncheckpointed> {
  const ignored = splitNul(
    await git(dir, ['ls-files', '--others', '--ignored', '--exclude-standard', '--directory', '-z']),
  )
  const files: string[] = []
  const leftOut: string[] = []
  let bytes = 0
  const roots = [...ignored.map((name) => name.replace(/\/$/, '')), ...(await nestedRepositories(dir))]

  async function visit(relative: string): Promise<void> {
    const full = path.join(dir, relative)
    const found = await lstat(full)
    if (found.isDirectory()) {
      if (cacheFolders.has(path.basename(relative)) || (await hasCacheTag(full))) {
        leftOut.push(relative)
        return
      }
      const names = await readdir(full)
      if (names.length === 0) files.push(relative)
      for (const name of names) await visit(path.join(relative, name))
    } else if (found.isFile() || found.isSymbolicLink()) {
      files.push(relative)
      bytes += found.size
    }
  }
  for (const root of roots) await visit(root)
  return { files, bytes, leftOut }
}

/** The tag of https://bford.info/cachedir/: its first 43 bytes are fixed. */
async function hasCacheTag(folder: string): Promise<boolean> {
  const text = await readFile(path.join(folder, 'CACHEDIR.TAG'), 'latin1').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'EISDIR') return ''
    throw error
  })
  return text.startsWith('Signature: 8a477f597d28d172789f06886806bc55')
}
