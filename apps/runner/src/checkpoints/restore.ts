import { git, splitNul } from '../git/git.ts'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { commitOf } from '../git/repository.ts'
import { checkWorktreePath } from '../git/worktree-path.ts'
import type { Worktree } from '../git/worktree.ts'
import type { Checkpoint } from './checkpoint.ts'
import { wholeTree } from './temporary-index.ts'

/**
 * Brings the files and the index of a worktree to a checkpoint; ignored files stay. The caller has kept the present state
 * in a checkpoint of its own. The branch is not moved: commits made since stay, and show as changes against it.
 */
export async function restoreCheckpoint(
  worktree: Worktree,
  checkpoint: Pick<Checkpoint, 'commit' | 'tree'>,
): Promise<void> {
  const dir = worktree.path
  const now = await wholeTree(dir)
  const gone = splitNul(
    await git(dir, ['diff-tree', '-r', '-z', '--name-only', '--no-renames', '--diff-filter=D', now, checkpoint.tree]),
  )
  for (const file of gone) await rm(path.join(dir, await checkWorktreePath(dir, file)), { force: true })
  await git(dir, ['read-tree', '--reset', checkpoint.tree])
  await git(dir, ['checkout-index', '--all', '--force'])
  // The checkpoint's second parent holds the index where that differed from the branch; otherwise nothing was staged.
  const staged = await commitOf(dir, `${checkpoint.commit}^2`)
  const index = staged ? `${staged}^{tree}` : ((await commitOf(dir, 'HEAD')) ?? '--empty')
  await git(dir, ['read-tree', index])
  await git(dir, ['update-index', '-q', '--refresh'], { answers: [1] })
}
