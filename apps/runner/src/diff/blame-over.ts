import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { checkpointRef } from '../checkpoints/checkpoint.ts'
import { authorEnvironment, coppiceAuthor } from '../git/author.ts'
import { git } from '../git/git.ts'
import type { Worktree } from '../git/worktree.ts'

/** What git said, and the commit that stands for what no checkpoint has. */
export type Blamed = { readonly out: string; readonly tip: string }

/**
 * git's blame over a session's checkpoints. They are no history of each other: git is told, for this question only, that each
 * follows the one before it, the first the branch point, and the tree asked about the last.
 * @param past whether git looks behind the branch point, into the repository's own history
 * @returns the output of `--incremental`
 * @throws {GitFailure}
 */
export async function blameOver(
  worktree: Worktree,
  tree: string,
  file: string,
  checkpoints: readonly string[],
  past: boolean,
): Promise<Blamed> {
  const dir = worktree.path
  const own = new Set((await git(dir, ['for-each-ref', '--format=%(objectname)', folderOf(worktree)])).split('\n'))
  // Only this session's own are looked at, each once.
  const chain = [worktree.baseCommit, ...new Set(checkpoints.filter((one) => own.has(one)))]
  const last = chain.at(-1) ?? worktree.baseCommit
  const now = await git(dir, ['commit-tree', tree, '-p', last, '-m', 'now'], {
    env: authorEnvironment(coppiceAuthor),
    unsynced: true,
  })
  const tip = now.trim()
  const folder = await mkdtemp(path.join(os.tmpdir(), 'coppice-blame-'))
  try {
    const ancestry = path.join(folder, 'ancestry')
    const lines = [...chain, tip].map((commit, n, all) => [commit, ...all.slice(Math.max(0, n - 1), n)].join(' '))
    // What is not named here has the parents that it really has.
    await writeFile(ancestry, `${lines.slice(past ? 1 : 0).join('\n')}\n`)
    const out = await git(dir, ['blame', '--incremental', '--no-textconv', '-S', ancestry, tip, '--', file])
    return { out, tip }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const folderOf = (worktree: Worktree): string => checkpointRef(worktree.sessionId, 'x').replace(/[^/]+$/, '')
