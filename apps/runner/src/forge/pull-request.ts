import type { GitOperation } from '@coppice/events'
import type { QueryAnswer } from '@coppice/protocol'
import { pushBranch } from '../git/push.ts'
import type { Worktree } from '../git/worktree.ts'
import { forgeOf } from './forge-of.ts'

type Environment = Readonly<Record<string, string | undefined>>
type Wanted = Extract<GitOperation, { kind: 'pullRequest' }>

/**
 * Pushes the session's branch and makes a pull request of it; one that is open already stays. Without a forge, or a token for
 * it, the branch is pushed and the address is given where a person makes one. Doing it again changes nothing more.
 */
export async function makePullRequest(
  worktree: Worktree,
  { title, body, draft }: Wanted,
  env: Environment,
): Promise<{ summary: string; url?: string }> {
  const { kind, forge, compareUrl } = await forgeOf(worktree, env)
  await pushBranch(worktree)
  const { branch, baseBranch: base } = worktree
  if (!forge) {
    const why =
      kind === 'none'
        ? 'It is not known where pull requests are made for this origin'
        : `No ${kind === 'github' ? 'GITHUB_TOKEN' : 'GITLAB_TOKEN'} is set`
    const go = compareUrl ? ': make the pull request there.' : '.'
    return { summary: `Pushed ${branch} to origin. ${why}${go}`, ...(compareUrl && { url: compareUrl }) }
  }
  const known = await forge.find(branch)
  if (known?.state === 'open')
    return { summary: `Pushed to pull request ${known.number}, which is open: ${known.title}`, url: known.url }
  const made = await forge.create({ branch, base, title, body, draft })
  return { summary: `Opened ${made.draft ? 'draft ' : ''}pull request ${made.number}: ${made.title}`, url: made.url }
}

/** The pull request of a session's branch as it is now, with its checks and what people said. */
export async function readPullRequest(worktree: Worktree, env: Environment): Promise<QueryAnswer<'forge.read'>> {
  const { kind, forge, compareUrl } = await forgeOf(worktree, env)
  const place = compareUrl ? { compareUrl } : {}
  if (!forge) return { ok: true, forge: kind === 'none' ? 'none' : 'locked', ...place }
  const found = await forge.find(worktree.branch)
  if (!found) return { ok: true, forge: forge.kind, ...place }
  const [checks, comments] = await Promise.all([forge.checks(found), forge.comments(found)])
  const { number, url, title, state, draft } = found
  return { ok: true, forge: forge.kind, ...place, request: { number, url, title, state, draft, checks, comments } }
}
