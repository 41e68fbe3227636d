import { existsSync } from 'node:fs'
import path from 'node:path'
import { copyIgnoredFiles } from '../git/copy-ignored.ts'
import { git, GitFailure, gitAnswer } from '../git/git.ts'
import type { Worktree } from '../git/worktree.ts'
import type { RunnerContext } from '../runner-context.ts'
import { secretsInEnvFile } from '../secrets/env-file.ts'

/** A submodule's or a file server's silence after which it is given up, ms. */
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
  const notes: string[] = []
  const { repository } = worktree
  if (repository.kind === 'primary' && repository.home !== repository.gitDir && copied.length > 0) {
    progress('Copying ignored files')
    const { files, note } = await copyIgnoredFiles(repository.home, worktree.path, copied)
    for (const file of files)
      if (path.basename(file).startsWith('.env'))
        context.redaction.learn(await secretsInEnvFile(path.join(worktree.path, file)))
    if (note) notes.push(note)
  }
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
  if (await usesLfs(worktree.path)) {
    progress('Fetching files kept by Git LFS')
    const { code } = await gitAnswer(worktree.path, ['lfs', 'version'], { answers: [1] })
    const failed =
      code === 0
        ? await problemOf(git(worktree.path, ['lfs', 'pull'], { silence: silenceMs }))
        : 'git-lfs is not installed on the runner.'
    if (failed)
      notes.push(
        `The repository keeps files with Git LFS, and they are only pointers in this worktree: ${failed} Install git-lfs there and run "git lfs pull" in the worktree.`,
      )
  }
  return notes
}

async function usesLfs(folder: string): Promise<boolean> {
  const attributes = ['--', '.gitattributes', '*/.gitattributes']
  const { code } = await gitAnswer(folder, ['grep', '--quiet', '--cached', 'filter=lfs', ...attributes], {
    answers: [1],
  })
  return code === 0
}

/** Git's last words, if it failed. */
async function problemOf(work: Promise<unknown>): Promise<string | undefined> {
  try {
    await work
    return undefined
  } catch (error) {
    if (!(error instanceof GitFailure)) throw error
    return `${error.message.trim().split('\n').slice(-3).join(' ').slice(0, 1_000)}.`
  }
}
