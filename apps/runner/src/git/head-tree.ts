import { git } from './git.ts'
import { commitOf } from './repository.ts'

/** The tree of nothing, as a git object. */
export const emptyTree = async (dir: string): Promise<string> =>
  (await git(dir, ['hash-object', '-t', 'tree', '-w', '/dev/null'])).trim()

export const treeOf = async (dir: string, commit: string): Promise<string> =>
  (await git(dir, ['rev-parse', '--verify', '--end-of-options', `${commit}^{tree}`])).trim()

/** The tree of the last commit; of a branch that has none yet, the empty one. */
export async function headTree(dir: string): Promise<string> {
  const head = await commitOf(dir, 'HEAD')
  return head ? treeOf(dir, head) : emptyTree(dir)
}
