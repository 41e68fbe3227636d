import { git, splitNul } from './git.ts'
import { stage, unstage } from './staging.ts'
import { quickStatus } from './status.ts'

/**
 * Stages what is changed, not staged, and just as `commit` has it: what was uploaded from an IDE and then committed and
 * pushed from there. Git takes a fast-forward over it then, instead of refusing it as a local change; any other change is
 * left for git to refuse. Gives what takes it back, for a fast-forward that failed. @throws {GitFailure}
 */
export async function stageAlreadyHere(dir: string, commit: string): Promise<() => Promise<void>> {
  const { files } = await quickStatus(dir)
  const unstaged = files.filter(({ index }) => index === '.' || index === '?').map(({ path }) => path)
  if (unstaged.length === 0) return async () => {}
  const coming = new Set(splitNul(await git(dir, ['diff', '--no-renames', '--name-only', '-z', 'HEAD', commit])))
  const both = unstaged.filter((path) => coming.has(path))
  if (both.length === 0) return async () => {}
  await stage(dir, both)
  const cached = ['diff', '--cached', '--no-renames', '--name-only', '-z', commit]
  const others = new Set(splitNul(await git(dir, cached)))
  await unstage(
    dir,
    both.filter((path) => others.has(path)),
  )
  const same = both.filter((path) => !others.has(path))
  return () => unstage(dir, same)
}
