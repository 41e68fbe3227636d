import { diff3Merge } from 'node-diff3'

/** Two people's work on one text, brought together. */
export interface Merged {
  readonly text: string
  /** Places where both changed the same lines; in the text they stand between markers, as git writes them. */
  readonly conflicts: number
}

/** Three-way merge by lines: `mine` and `theirs` both began from `base`. Pure. */
export function mergeTexts(mine: string, base: string, theirs: string): Merged {
  const parts = diff3Merge(mine.split('\n'), base.split('\n'), theirs.split('\n'), { excludeFalseConflicts: true })
  const lines: string[] = []
  let conflicts = 0
  for (const part of parts) {
    if (part.ok) lines.push(...part.ok)
    else if (part.conflict) {
      conflicts += 1
      lines.push('<<<<<<< yours', ...part.conflict.a, '=======', ...part.conflict.b, '>>>>>>> in the worktree')
    }
  }
  return { text: lines.join('\n'), conflicts }
}
