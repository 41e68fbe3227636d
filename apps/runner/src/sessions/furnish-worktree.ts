import { existsSync } from 'node:fs'
import path from 'node:path'
import { copyIgnoredFiles } from '../git/copy-ignored.ts'
import { git } from '../git/git.ts'
import { problemOf } from '../git/problem-of.ts'
import type { Worktree } from '../git/worktree.ts'
import type { RunnerContext } from '../runner-context.ts'
import { secretsInEnvFile } from '../secrets/env-file.ts'
import { fetchLfsFiles } from './lfs-files.ts'

/** A submodule's silence after which it is given up, ms. */
const silenceMs = 60_000

/**
 * What `git worktree add` leaves out: ignored files that the workspace wants in each worktree, submodules, files kept by LFS.
 * Nothing here stops a session: what could not be had is said.
 * @param copied patterns of ignored files, as in .gitignore
 * @returns notes for the session
 */
export async function furnishWorktree(
  context: Pick<RunnerContext, 'redaction'>,
  worktree: Worktree,
  copied: readonly string[],
  progress: (what: string) => void,
): Promise<string[]> {
  // Copied files are none of git's: they do not meet what git brings.
  const [ofCopying, ofGit] = await Promise.all([
    copyFiles(context, worktree, copied, progress),
    bringWhatGitLeftOut(worktree, progress),
  ])
  return [...ofCopying, ...ofGit]
}

async function copyFiles(
  context: Pick<RunnerContext, 'redaction'>,
  { repository, path: folder }: Worktree,
  copied: readonly string[],
  progress: (what: string) => void,
): Promise<string[]> {
  if (repository.kind !== 'primary' || repository.home === repository.gitDir || copied.length === 0) return []
  progress('Copying ignored files')
  const { files, note } = await copyIgnoredFiles(repository.home, folder, copied)
  for (const file of files)
    if (path.basename(file).startsWith('.env')) context.redaction.learn(await secretsInEnvFile(path.join(folder, file)))
  return note ? [note] : []
}

async function bringWhatGitLeftOut(worktree: Worktree, progress: (what: string) => void): Promise<string[]> {
  const notes: string[] = []
  if (existsSync(path.join(worktree.path, '.gitmodules'))) {
    progress('Checking out submodules')
    const failed = await problemOf(
      git(worktree.path, ['submodule', 'update', '--init', '--recursive', '--quiet'], { silence: silenceMs }),
    )
    if (failed)
      notes.push(
        `The repository has submodules, and they could not be checked out: ${failed} Check that the runner's machine can reach them, and run "git submodule update --init --recursive" in the worktree.`,
      )
  }
  const lfs = await fetchLfsFiles(worktree, progress)
  if (lfs) notes.push(lfs)
  return notes
}
