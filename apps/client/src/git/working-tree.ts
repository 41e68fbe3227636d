import type { QueryAnswer } from '@coppice/protocol'

export type Status = Extract<QueryAnswer<'git.status'>, { ok: true }>
export type StatusFile = Status['files'][number]

/** Files by what can be done with them. One file can stand in two groups: staged, and changed again since. */
export interface StatusGroups {
  readonly conflicts: readonly StatusFile[]
  readonly staged: readonly StatusFile[]
  readonly changed: readonly StatusFile[]
  readonly untracked: readonly StatusFile[]
}

const clean = (letter: string): boolean => letter === '' || letter === ' ' || letter === '.'

/** Reads git's letters. Pure. */
export function groupStatus(files: readonly StatusFile[]): StatusGroups {
  const conflicts = files.filter(isConflict)
  const rest = files.filter((file) => !isConflict(file))
  return {
    conflicts,
    staged: rest.filter((file) => !clean(file.index) && file.index !== '?'),
    changed: rest.filter((file) => !clean(file.worktree) && file.worktree !== '?' && file.index !== '?'),
    untracked: rest.filter((file) => file.index === '?' || file.worktree === '?'),
  }
}

const isConflict = (file: StatusFile): boolean =>
  file.index === 'U' ||
  file.worktree === 'U' ||
  (file.index === 'A' && file.worktree === 'A') ||
  (file.index === 'D' && file.worktree === 'D')

const words: Record<string, string> = {
  A: 'added',
  M: 'modified',
  D: 'deleted',
  R: 'renamed',
  C: 'copied',
  T: 'type changed',
  '?': 'new',
  U: 'conflict',
}

export const letterWord = (letter: string): string => words[letter] ?? 'changed'
