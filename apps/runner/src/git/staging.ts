import { rm } from 'node:fs/promises'
import path from 'node:path'
import { git, splitNul } from './git.ts'
import { commitOf } from './repository.ts'
import { quickStatus } from './status.ts'
import { checkWorktreePath } from './worktree-path.ts'

/** The files an operation is for: some, or all changed ones. */
export type FileChoice = readonly string[] | 'all'

/** Git reads paths from standard input, so their number has no limit; a literal pathspec takes no wildcard. */
const fromInput = ['--pathspec-from-file=-', '--pathspec-file-nul'] as const

async function pathspecs(dir: string, files: readonly string[]): Promise<string> {
  const checked: string[] = []
  for (const file of files) checked.push(await checkWorktreePath(dir, file))
  return checked.map((file) => `:(literal,top)${file}`).join('\0')
}

/** Stages files, deleted ones too. @throws {PathRefused} @throws {GitFailure} */
export async function stage(dir: string, files: FileChoice): Promise<void> {
  if (files === 'all') await git(dir, ['add', '--all', '--', ':/'])
  else if (files.length > 0) await git(dir, ['add', '--all', ...fromInput], { input: await pathspecs(dir, files) })
}

/** Unstages files; the worktree is left as it is. @throws {PathRefused} @throws {GitFailure} */
export async function unstage(dir: string, files: FileChoice): Promise<void> {
  if (files === 'all') await git(dir, ['reset', '--quiet'])
  else if (files.length > 0) await git(dir, ['reset', '--quiet', ...fromInput], { input: await pathspecs(dir, files) })
}

/**
 * Throws changes away: staged and unstaged ones return to HEAD, new files are deleted. Ignored files are never touched.
 * The caller has made a checkpoint. @throws {PathRefused} @throws {GitFailure}
 */
export async function discard(dir: string, files: FileChoice): Promise<readonly string[]> {
  const status = await quickStatus(dir)
  const wanted = files === 'all' ? undefined : new Set<string>()
  if (files !== 'all') for (const file of files) wanted?.add(await checkWorktreePath(dir, file))
  const chosen = status.files.filter((file) => !wanted || wanted.has(file.path) || inChosenFolder(wanted, file.path))
  const names = chosen.flatMap((file) => (file.renamedFrom ? [file.path, file.renamedFrom] : [file.path]))
  if (names.length === 0) return []
  const specs = names.map((name) => `:(literal,top)${name}`).join('\0')
  await git(dir, ['reset', '--quiet', ...fromInput], { input: specs })
  // A branch without a commit has no files.
  const head = await commitOf(dir, 'HEAD')
  const listed = head ? await git(dir, ['ls-tree', '-r', '-z', '--name-only', '--full-tree', head]) : ''
  const inHead = new Set(splitNul(listed))
  const tracked = names.filter((name) => inHead.has(name))
  if (tracked.length > 0) {
    await git(dir, ['checkout', '--force', 'HEAD', ...fromInput], {
      input: tracked.map((name) => `:(literal,top)${name}`).join('\0'),
    })
  }
  for (const name of names) {
    if (inHead.has(name)) continue
    // A folder here is a nested repository: its work is not ours to throw away.
    if (!name.endsWith('/')) await rm(path.join(dir, await checkWorktreePath(dir, name)), { force: true })
  }
  return names
}

function inChosenFolder(wanted: ReadonlySet<string>, file: string): boolean {
  for (const name of wanted) if (file.startsWith(`${name}/`)) return true
  return false
}
