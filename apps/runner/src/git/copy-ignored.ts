import { copyFile, lstat, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { constants } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { LIMITS } from '@coppice/events'
import { git, splitNul } from './git.ts'

/**
 * Copies ignored files (`.env` and the like) from a checkout into a worktree of it: those that git ignores and that a pattern
 * names. Tracked files, links, and what is there already are left alone.
 * @param patterns as in .gitignore
 * @returns the files that were copied, and a note for a person where some were not
 */
export async function copyIgnoredFiles(
  from: string,
  to: string,
  patterns: readonly string[],
): Promise<{ files: string[]; note: string | undefined }> {
  const [listed, named] = await Promise.all([
    git(from, ['ls-files', '--others', '--ignored', '--exclude-standard', '-z']),
    matching(from, patterns),
  ])
  const ignored = new Set(splitNul(listed))
  const wanted = named.filter((file) => ignored.has(file))
  const files: string[] = []
  let bytes = 0
  for (const file of wanted) {
    const found = await lstat(path.join(from, file))
    if (!found.isFile()) continue
    if (files.length >= LIMITS.copiedFiles || bytes + found.size > LIMITS.copiedBytes)
      return {
        files,
        note: `Not all ignored files were copied into this worktree: there are ${wanted.length}, and at most ${LIMITS.copiedFiles} files with ${LIMITS.copiedBytes / 1024 / 1024} MB are. Name fewer of them in the workspace's settings.`,
      }
    const target = path.join(to, file)
    await mkdir(path.dirname(target), { recursive: true })
    const copied = await copyFile(path.join(from, file), target, constants.COPYFILE_EXCL).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'EEXIST') return false
        throw error
      },
    )
    if (!copied) continue
    bytes += found.size
    files.push(file)
  }
  return { files, note: undefined }
}

/** Untracked files that patterns name; git itself reads them, so that they mean what they do in .gitignore. */
async function matching(folder: string, patterns: readonly string[]): Promise<string[]> {
  const made = await mkdtemp(path.join(os.tmpdir(), 'coppice-patterns-'))
  try {
    const file = path.join(made, 'patterns')
    await writeFile(file, `${patterns.join('\n')}\n`)
    return splitNul(await git(folder, ['ls-files', '--others', '--ignored', `--exclude-from=${file}`, '-z']))
  } finally {
    await rm(made, { recursive: true, force: true })
  }
}
