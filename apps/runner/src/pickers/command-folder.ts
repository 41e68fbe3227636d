/** A folder in which an agent looks for commands or skills. */
export type CommandFolder = {
  readonly in: 'worktree' | 'home'
  /** Relative to the worktree or the home folder. */
  readonly at: string
  /** `markdown` and `toml`: a file is a command. `skill`: a folder with a SKILL.md is one. */
  readonly form: 'markdown' | 'toml' | 'skill'
  /** What stands between the folders and the name in a command's name; without it folders are no part of it. */
  readonly between?: ':' | '/'
  /** How it is typed, with `{}` for its name; `/{}` where this is not said. */
  readonly typed?: string
}

type Form = Omit<CommandFolder, 'in' | 'at'>

/** The same folder in the worktree and at home. */
export function inBoth(at: string, form: Form): readonly CommandFolder[] {
  return [...inWorktree(at, form), ...inHome(at, form)]
}

export const inWorktree = (at: string, form: Form): readonly CommandFolder[] => [{ in: 'worktree', at, ...form }]
export const inHome = (at: string, form: Form): readonly CommandFolder[] => [{ in: 'home', at, ...form }]
