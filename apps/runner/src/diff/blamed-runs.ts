import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { QueryAnswer } from '@coppice/protocol'
import { checkpointRef } from '../checkpoints/checkpoint.ts'
import { authorEnvironment, coppiceAuthor } from '../git/author.ts'
import { git } from '../git/git.ts'
import type { Worktree } from '../git/worktree.ts'

type Runs = Extract<QueryAnswer<'diff.blame'>, { ok: true }>['runs']

/**
 * Which checkpoint had each line of a file first. Checkpoints are no history of each other: git is told, for this question
 * only, that each follows the one before it, the first the branch point, and the tree asked about the last.
 */
export async function blamedRuns(
  worktree: Worktree,
  tree: string,
  file: string,
  checkpoints: readonly string[],
): Promise<Runs> {
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
    await writeFile(ancestry, `${lines.join('\n')}\n`)
    const out = await git(dir, ['blame', '--incremental', '--no-textconv', '-S', ancestry, tip, '--', file])
    return runsIn(out, (commit) => (commit === tip ? 'now' : commit === worktree.baseCommit ? 'base' : commit))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const folderOf = (worktree: Worktree): string => checkpointRef(worktree.sessionId, 'x').replace(/[^/]+$/, '')

function runsIn(out: string, by: (commit: string) => string): Runs {
  return out.split('\n').flatMap((line) => {
    const found = /^([0-9a-f]{40,64}) \d+ (\d+) (\d+)$/.exec(line)
    return found ? [{ by: by(found[1] ?? ''), line: Number(found[2]), count: Number(found[3]) }] : []
  })
}
