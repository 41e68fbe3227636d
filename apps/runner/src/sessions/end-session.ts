import { rm } from 'node:fs/promises'
import type { SessionState } from '@coppice/events'
import { archiveWorktree, bringBack, findRetired, RemovalRefused, removeWorktree } from '../checkpoints/retire.ts'
import { createSyncedCheckpoint } from '../checkpoints/checkpoint.ts'
import { derivedId } from '../derived-id.ts'
import { isWorktree } from '../git/worktree.ts'
import type { Address, Cause, RunnerContext } from '../runner-context.ts'
import { attachedFolder } from '../turns/attached-files.ts'
import { Digest } from '../turns/digest.ts'
import { summaryMessage } from '../turns/summary-message.ts'
import { checkpointReport } from '../turns/checkpoint-report.ts'

/** Ends a session whose agent has stopped: its tree is kept, then it is told ended. */
export async function endSession(
  context: RunnerContext,
  address: Address,
  session: SessionState,
  cause: Cause,
): Promise<void> {
  if (session.ending === 'none') return
  // The server has them; a session that is restored fetches what its next messages name.
  await rm(attachedFolder(context.dataFolder, session.sessionId), { recursive: true, force: true }).catch(
    (error: unknown) =>
      context.say(`The files attached in session ${session.sessionId} stay: ${wordsOf(context, error)}`),
  )
  const worktree = await context.worktrees.find(session.sessionId)
  const checkpointId = derivedId(cause.id, 'end')
  let kept = false
  if (worktree && (await isWorktree(worktree))) {
    await context.locks.with(`session/${session.sessionId}`, 'ending the session', async () => {
      try {
        const checkpoint = await createSyncedCheckpoint(worktree, checkpointId, 'the session ends')
        kept = true
        await context.observe(address, 'checkpoint.created', checkpointReport(checkpoint, 'end'), cause, 'checkpoint')
      } catch (error) {
        await context.observe(
          address,
          'worktree.kept',
          {
            message:
              `The files could not be kept in a checkpoint, so the worktree stays: ${wordsOf(context, error)}`.slice(
                0,
                8_000,
              ),
          },
          cause,
          'kept',
        )
      }
    })
  }
  if (session.ending === 'done' && session.turnCount > 0) await summarise(context, address, session.sessionId, cause)
  await context.observe(
    address,
    'session.ended',
    { outcome: session.ending, ...(kept ? { checkpointId } : {}) },
    cause,
    'ended',
  )
}

/** What was done in all of the session, as its last message (M-10). Without the server there is none. */
async function summarise(context: RunnerContext, address: Address, sessionId: string, cause: Cause): Promise<void> {
  try {
    const digest = Digest.of(await context.readSession(address))
    if (digest.steps === 0) return
    const of = `This session of ${digest.turns} ${digest.turns === 1 ? 'turn' : 'turns'}`
    await context.observe(address, 'message.added', summaryMessage(digest.words(of), [cause.id]), cause, 'digest')
  } catch (error) {
    context.say(`Session ${sessionId} ends without a summary: ${wordsOf(context, error)}`)
  }
}

/**
 * Archives and removes the worktree of an ended session; where something would be lost, it stays and that is said.
 * Begun again after a crash it goes on where it was.
 */
export async function retireWorktree(
  context: RunnerContext,
  address: Address,
  sessionId: string,
  cause: Cause,
): Promise<void> {
  const worktree = await context.worktrees.find(sessionId)
  if (!worktree) return
  await context.locks.with(`session/${sessionId}`, 'archiving the worktree', async () => {
    try {
      if (await isWorktree(worktree)) {
        const checkpointId = derivedId(cause.id, 'archive')
        const { retired } = await archiveWorktree(context.dataFolder, worktree, checkpointId)
        await context.observe(address, 'worktree.archived', { checkpointId: retired.checkpointId }, cause, 'archived')
        await context.locks.with(`repository/${worktree.repository.gitDir}`, 'removing a worktree', () =>
          removeWorktree(context.worktrees, context.dataFolder, worktree),
        )
      }
      if (await findRetired(context.dataFolder, sessionId)) {
        await context.ports.forget(sessionId)
        await context.observe(address, 'worktree.removed', {}, cause, 'removed')
      }
    } catch (error) {
      await context.observe(address, 'worktree.kept', { message: wordsOf(context, error) }, cause, 'kept')
    }
  })
}

/** Brings the worktree of an ended session back. */
export async function restoreSession(
  context: RunnerContext,
  address: Address,
  sessionId: string,
  cause: Cause,
): Promise<void> {
  const worktree = await context.worktrees.find(sessionId)
  try {
    if (!worktree)
      throw new RemovalRefused('This runner has nothing of that session, so its worktree cannot be restored.')
    await context.locks.with(`session/${sessionId}`, 'restoring the worktree', () =>
      context.locks.with(`repository/${worktree.repository.gitDir}`, 'making a worktree', async () => {
        if (!(await isWorktree(worktree))) await bringBack(context.dataFolder, worktree)
      }),
    )
    await context.observe(address, 'worktree.restored', { path: worktree.path }, cause, 'restored')
  } catch (error) {
    await context.observe(
      address,
      'worktree.failed',
      { code: 'restore_failed', message: wordsOf(context, error) },
      cause,
      'restoreFailed',
    )
  }
}

function wordsOf(context: RunnerContext, error: unknown): string {
  return context.redaction.text(error instanceof Error ? error.message : String(error)).slice(0, 8_000)
}
