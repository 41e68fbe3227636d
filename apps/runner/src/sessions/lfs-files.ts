import { git, gitAnswer } from '../git/git.ts'
import { problemOf } from '../git/problem-of.ts'
import type { Worktree } from '../git/worktree.ts'

/** A file server's silence after which it is given up, ms. */
const silenceMs = 60_000
const shownNames = 3

/**
 * Puts the files that a repository keeps with Git LFS into a new worktree.
 * @returns what to tell where files stay pointers: why, and what to do
 */
export async function fetchLfsFiles(
  { path: folder, repository }: Worktree,
  progress: (what: string) => void,
): Promise<string | undefined> {
  if (!(await usesLfs(folder))) return undefined
  progress('Fetching files kept by Git LFS')
  const pointers = 'The repository keeps files with Git LFS, and they are only pointers in this worktree: '
  if ((await gitAnswer(folder, ['lfs', 'version'], { answers: [1] })).code !== 0)
    return `${pointers}git-lfs is not installed on the runner. Install git-lfs there and run "git lfs pull" in the worktree.`
  if (!(await isSetUp(folder))) {
    // Without its filter git-lfs leaves pointers and calls that a success. What is the user's own is not configured for them.
    if (repository.kind !== 'mirror')
      return `${pointers}git-lfs is on the runner, but not set up. Run "git lfs install" there once, then "git lfs pull" in the worktree.`
    await git(folder, ['lfs', 'install', '--local', '--skip-repo'])
  }
  const failed = await problemOf(git(folder, ['lfs', 'pull'], { silence: silenceMs }))
  if (failed) return `${pointers}${failed} Mend that and run "git lfs pull" in the worktree.`
  const left = await stillPointers(folder)
  if (left.length === 0) return undefined
  const more = left.length > shownNames ? ` and ${left.length - shownNames} more` : ''
  return `Git LFS did not bring all files: ${left.slice(0, shownNames).join(', ')}${more} are still pointers. Look with "git lfs pull" in the worktree.`
}

async function usesLfs(folder: string): Promise<boolean> {
  const attributes = ['--', '.gitattributes', '*/.gitattributes']
  const { code } = await gitAnswer(folder, ['grep', '--quiet', '--cached', 'filter=lfs', ...attributes], {
    answers: [1],
  })
  return code === 0
}

async function isSetUp(folder: string): Promise<boolean> {
  for (const name of ['filter.lfs.process', 'filter.lfs.smudge']) {
    const { out } = await gitAnswer(folder, ['config', '--get', name], { answers: [1] })
    if (String(out).trim() !== '') return true
  }
  return false
}

/** A star stands before a name whose contents are there, a dash where it is a pointer. */
async function stillPointers(folder: string): Promise<string[]> {
  const lines = (await git(folder, ['lfs', 'ls-files'])).split('\n')
  return lines.flatMap((line) => /^\S+ - (.+)$/.exec(line)?.[1] ?? [])
}
