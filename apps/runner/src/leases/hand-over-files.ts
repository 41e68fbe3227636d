import { git } from '../git/git.ts'
import { copiedByDefault } from '@coppice/events'
import type { SessionState, WorkspaceState } from '@coppice/events'
import { archiveWorktree, RemovalRefused, removeWorktree } from '../checkpoints/retire.ts'
import { restoreCheckpoint } from '../checkpoints/restore.ts'
import { derivedId } from '../derived-id.ts'
import { isWorktree } from '../git/worktree.ts'
import type { Address, Cause, RunnerContext } from '../runner-context.ts'
import { furnishWorktree } from '../sessions/furnish-worktree.ts'
import { openAgain, refresh } from '../sessions/repositories.ts'
import { tellSetup } from '../sessions/setup-script.ts'
import { fetchCheckpoint } from './stored-checkpoint.ts'

/**
 * Makes the files of a session that this runner has taken over, from the newest checkpoint that can be had; tells how. The
 * caller holds the session's lock.
 */
export async function takeUpFiles(
  context: RunnerContext,
  address: Address,
  session: SessionState,
  workspace: WorkspaceState,
  cause: Cause,
): Promise<void> {
  const { sessionId, branch, baseBranch, baseCommit, lease } = session
  const epoch = lease?.epoch ?? 0
  const began = context.now()
  const known = await context.worktrees.find(sessionId)
  if (known?.lease === epoch && known.made && (await isWorktree(known))) return
  await putAside(context, sessionId, epoch)
  const repository = await openAgain(context, workspace.source)
  await context.locks.with(`repository/${repository.gitDir}`, 'taking a session over', async () => {
    const stale = await refresh(repository)
    const checkpoint = await fetchCheckpoint(context, address, session, repository)
    const of = { sessionId, branch, baseBranch, baseCommit, head: checkpoint?.head ?? baseCommit, lease: epoch }
    const worktree = await context.worktrees.takeUp(repository, of)
    if (checkpoint) await restoreCheckpoint(worktree, checkpoint)
    const lacking = await furnishWorktree(context, worktree, workspace.copiedFiles ?? copiedByDefault, () => undefined)
    await tellSetup(context, address, worktree, cause, epoch)
    const from = checkpoint
      ? `The files are as in checkpoint ${checkpoint.commit.slice(0, 8)}, the newest that could be had.`
      : 'No checkpoint of this session had reached the server: the files are those of its branch.'
    const notes = [from, ...(stale ? [stale] : []), ...lacking]
    const durationMs = context.now() - began
    const data = { branch, baseCommit, path: worktree.path, durationMs, notes }
    await context.observe(address, 'worktree.ready', data, cause, `takenUp:${epoch}`)
  })
}

/**
 * Keeps what this runner has of a session from before a change of hands, out of the way: nothing of it is lost here. What was
 * made for that change, or for a later one, stays. The caller holds the session's lock.
 */
export async function putAside(
  context: Pick<RunnerContext, 'worktrees' | 'dataFolder' | 'say'>,
  sessionId: string,
  epoch: number,
): Promise<void> {
  const worktree = await context.worktrees.find(sessionId)
  if (!worktree || (worktree.lease ?? 0) >= epoch) return
  if (await isWorktree(worktree)) {
    const checkpointId = derivedId(sessionId, 'aside', String(epoch))
    try {
      await archiveWorktree(context.dataFolder, worktree, checkpointId)
      await removeWorktree(context.worktrees, context.dataFolder, worktree)
    } catch (error) {
      if (!(error instanceof RemovalRefused)) throw error
      const aside = `${worktree.path}-before-${epoch}`
      await git(worktree.repository.home, ['worktree', 'move', '--force', '--force', worktree.path, aside])
      context.say(`Session ${sessionId}: another runner has it now. ${error.message} It is in ${aside}.`)
    }
  }
  await context.worktrees.forget(sessionId)
}
