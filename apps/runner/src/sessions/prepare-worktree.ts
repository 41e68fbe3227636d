import { copiedByDefault } from '@coppice/events'
import type { BotState, SessionState, WorkspaceState } from '@coppice/events'
import { restoreCheckpoint } from '../checkpoints/restore.ts'
import { leftBehind } from '../git/left-behind.ts'
import { RepositoryRefused } from '../git/repository.ts'
import { WorktreeFailure } from '../git/worktree.ts'
import type { Address, Cause, RunnerContext } from '../runner-context.ts'
import type { LiveFeed } from '../turns/live-feed.ts'
import { forkPoint } from './fork-point.ts'
import { furnishWorktree } from './furnish-worktree.ts'
import { groupStart } from './group-start.ts'
import { tellSetup } from './setup-script.ts'
import { openAgain, refresh } from './repositories.ts'

/** Makes the worktree of a new session, or finishes making it, and tells how that went; `made` is told first. Idempotent: safe to begin again. */
export async function prepareWorktree(
  context: RunnerContext,
  address: Address,
  session: SessionState,
  workspace: WorkspaceState,
  feed: LiveFeed,
  cause: Cause,
  attempt: number,
  made: (folder: string) => void,
): Promise<void> {
  const began = context.now()
  try {
    const numbers = (step: string) => (progress: { stage: string; percent: number }) =>
      feed.progress(step, progress.stage, { done: progress.percent, total: 100 })
    if (session.mode === 'bot') requireBot(context.botOf(address, session.botId))
    feed.progress('repository', 'Opening the repository')
    const repository = await openAgain(context, workspace.source, numbers('clone'))
    const wait = (held: string): void => feed.progress('repository', `Waiting for the repository: ${held}`)
    // What stays in the user's own checkout is looked up meanwhile: neither needs the other.
    const leaving = leftBehind(repository, session.baseBranch)
    const making = context.locks.with(
      `repository/${repository.gitDir}`,
      'making a worktree',
      async () => {
        const stale = await refresh(repository, numbers('fetch'))
        feed.progress('worktree', `Making the worktree from ${session.baseBranch}`)
        const { sessionId, name, baseBranch, fork, groupId } = session
        const point = fork && (await forkPoint(repository, baseBranch, fork))
        const start =
          point ?? (groupId === undefined ? undefined : await groupStart(context, address, groupId, repository))
        const made = await context.worktrees.create(repository, sessionId, name, baseBranch, start)
        if (point) await restoreCheckpoint(made, point)
        return { worktree: made, note: stale }
      },
      wait,
    )
    const [{ worktree, note }, left] = await Promise.all([making, leaving])
    const progress = (what: string): void => feed.progress('worktree', what)
    const lacking = await furnishWorktree(context, worktree, workspace.copiedFiles ?? copiedByDefault, progress)
    made(worktree.path)
    await tellSetup(context, address, worktree, cause)
    const notes = [...(note ? [note] : []), ...(left ? [left] : []), ...lacking]
    await context.observe(
      address,
      'worktree.ready',
      {
        branch: worktree.branch,
        baseCommit: worktree.baseCommit,
        path: worktree.path,
        durationMs: context.now() - began,
        ...(notes.length > 0 ? { notes } : {}),
      },
      cause,
      `worktree:${attempt}`,
    )
  } catch (error) {
    const refused = error instanceof RepositoryRefused || error instanceof WorktreeFailure
    if (!refused) context.say(error instanceof Error ? (error.stack ?? error.message) : String(error))
    const message = error instanceof Error ? error.message : String(error)
    const code = error instanceof RepositoryRefused ? error.code : 'worktree_failed'
    await context.observe(
      address,
      'worktree.failed',
      { code, message: context.redaction.text(message).slice(0, 8_000) },
      cause,
      `worktreeFailed:${attempt}`,
    )
  } finally {
    feed.progress('', '')
  }
}

function requireBot(bot: BotState | undefined): void {
  if (bot === undefined)
    throw new WorktreeFailure('This workspace has no such bot. Begin a new session with one that it has.')
  if (bot.archived)
    throw new WorktreeFailure(`The bot ${bot.name} is archived. Bring it back under Settings, Bots, then try again.`)
}
