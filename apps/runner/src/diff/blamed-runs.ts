import type { QueryAnswer } from '@coppice/protocol'
import type { Worktree } from '../git/worktree.ts'
import { blameOver } from './blame-over.ts'

type Runs = Extract<QueryAnswer<'diff.blame'>, { ok: true }>['runs']

/** Which checkpoint had each line of a file first. @throws {GitFailure} */
export async function blamedRuns(
  worktree: Worktree,
  tree: string,
  file: string,
  checkpoints: readonly string[],
): Promise<Runs> {
  const { out, tip } = await blameOver(worktree, tree, file, checkpoints, false)
  return runsIn(out, (commit) => (commit === tip ? 'now' : commit === worktree.baseCommit ? 'base' : commit))
}

/** The runs of lines in git's incremental output. */
export function runsIn(out: string, by: (commit: string) => string): Runs {
  return out.split('\n').flatMap((line) => {
    const found = /^([0-9a-f]{40,64}) \d+ (\d+) (\d+)$/.exec(line)
    return found ? [{ by: by(found[1] ?? ''), line: Number(found[2]), count: Number(found[3]) }] : []
  })
}
