import type { QueryAnswer } from '@coppice/protocol'
import { changedFiles } from '../checkpoints/changed-files.ts'
import { wholeTree } from '../checkpoints/temporary-index.ts'
import { headTree, treeOf } from '../git/head-tree.ts'
import { fullStatus } from '../git/status.ts'
import type { Worktree } from '../git/worktree.ts'

/** So many files are named. */
const mostFiles = 2_000

/** What `git status` says of a worktree, with the lines that changed since the last commit, and all that changed since the branch point. */
export async function statusOf(worktree: Worktree): Promise<QueryAnswer<'git.status'>> {
  const { path: dir, baseCommit } = worktree
  // The tree is what costs: it is made once, beside the status, and compared with both.
  const [full, tree, head, base] = await Promise.all([
    fullStatus(worktree),
    wholeTree(dir),
    headTree(dir),
    treeOf(dir, baseCommit),
  ])
  const changes = await changedFiles(dir, base, tree)
  // Nothing was committed yet: counting the lines of large files a second time would tell nothing new.
  const uncommitted = head === base ? changes : await changedFiles(dir, head, tree)
  const counts = new Map(uncommitted.map((file) => [file.path, file]))
  const files = full.files.slice(0, mostFiles).map((file) => {
    const count = counts.get(file.path)
    return {
      path: file.path,
      ...(file.renamedFrom ? { from: file.renamedFrom } : {}),
      index: file.conflicted ? 'U' : file.index,
      worktree: file.conflicted ? 'U' : file.worktree,
      ...(count ? { additions: count.additions, deletions: count.deletions } : {}),
    }
  })
  return {
    ok: true,
    branch: full.branch ?? '',
    head: full.head,
    ...(full.remote ? { upstream: full.remote.ref, ahead: full.remote.ahead, behind: full.remote.behind } : {}),
    aheadOfBase: full.base?.ahead ?? 0,
    behindBase: full.base?.behind ?? 0,
    files,
    changes: changes.slice(0, mostFiles),
    truncated: full.files.length > mostFiles || changes.length > mostFiles,
  }
}
