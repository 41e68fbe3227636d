import { git, splitNul } from './git.ts'
import { commitOf } from './repository.ts'
import type { Worktree } from './worktree.ts'

/** One changed file as git sees it; a letter each for index and worktree, `.` for unchanged (git-status(1), porcelain v2). */
export type ChangedFile = {
  readonly path: string
  readonly index: string
  readonly worktree: string
  readonly renamedFrom?: string
  /** Both sides changed it and nobody has decided. */
  readonly conflicted: boolean
}

/** Commits on one side only. */
export type AheadBehind = { readonly ref: string; readonly ahead: number; readonly behind: number }

/** The quick status: what `git status` says, no history walked. */
export type QuickStatus = {
  readonly branch: string | null
  readonly head: string
  readonly files: readonly ChangedFile[]
}

/** The full status: also how far the branch is from its base and from the remote. */
export type FullStatus = QuickStatus & { readonly base: AheadBehind | null; readonly remote: AheadBehind | null }

/** Reads the status of a worktree without taking git's locks. */
export async function quickStatus(dir: string): Promise<QuickStatus> {
  const out = await git(dir, ['status', '--porcelain=v2', '--branch', '--untracked-files=all', '-z'], {
    env: { GIT_OPTIONAL_LOCKS: '0' },
  })
  return parseStatus(out)
}

/** As {@link quickStatus}, with the distance to the base branch and to the remote's copy of this branch (or of its base). */
export async function fullStatus(worktree: Worktree): Promise<FullStatus> {
  const quick = await quickStatus(worktree.path)
  const remoteRefs = [`refs/remotes/origin/${worktree.branch}`, `refs/remotes/origin/${worktree.baseBranch}`]
  const base = await aheadBehind(worktree.path, `refs/heads/${worktree.baseBranch}`)
  for (const ref of remoteRefs) {
    const remote = await aheadBehind(worktree.path, ref)
    if (remote) return { ...quick, base: base ?? remote, remote }
  }
  return { ...quick, base, remote: null }
}

async function aheadBehind(dir: string, ref: string): Promise<AheadBehind | null> {
  if ((await commitOf(dir, ref)) === undefined || (await commitOf(dir, 'HEAD')) === undefined) return null
  const [ahead = '0', behind = '0'] = (await git(dir, ['rev-list', '--left-right', '--count', `HEAD...${ref}`]))
    .trim()
    .split(/\s+/)
  return { ref: ref.replace(/^refs\/(heads|remotes)\//, ''), ahead: Number(ahead), behind: Number(behind) }
}

/** Reads porcelain v2 output with `-z`. */
export function parseStatus(out: string): QuickStatus {
  const parts = splitNul(out)
  const files: ChangedFile[] = []
  let branch: string | null = null
  let head = ''
  for (let i = 0; i < parts.length; i += 1) {
    const part = parts[i] ?? ''
    const kind = part[0]
    if (part.startsWith('# branch.oid ')) head = part.slice('# branch.oid '.length)
    else if (part.startsWith('# branch.head '))
      branch = part.endsWith('(detached)') ? null : part.slice('# branch.head '.length)
    else if (kind === '1') files.push({ path: field(part, 8), ...letters(part), conflicted: false })
    else if (kind === '2') {
      i += 1
      files.push({ path: field(part, 9), ...letters(part), renamedFrom: parts[i] ?? '', conflicted: false })
    } else if (kind === 'u') files.push({ path: field(part, 10), ...letters(part), conflicted: true })
    else if (kind === '?') files.push({ path: part.slice(2), index: '.', worktree: '?', conflicted: false })
  }
  return { branch, head, files }
}

function letters(part: string): { index: string; worktree: string } {
  return { index: part[2] ?? '.', worktree: part[3] ?? '.' }
}

/** The rest of the line after n space-separated fields: a path may hold spaces. */
function field(part: string, n: number): string {
  let at = 0
  for (let i = 0; i < n; i += 1) at = part.indexOf(' ', at) + 1
  return part.slice(at)
}
