import type { SessionState } from '@coppice/events'
import { createSyncedCheckpoint, findCheckpoint } from '../checkpoints/checkpoint.ts'
import { restoreCheckpoint } from '../checkpoints/restore.ts'
import { derivedId } from '../derived-id.ts'
import type { Address, Cause, RunnerContext } from '../runner-context.ts'
import { checkpointReport } from '../turns/checkpoint-report.ts'

type Rewind = NonNullable<SessionState['rewind']>

/**
 * Brings a session back to before a message, and tells how that went. The present files are kept in a checkpoint first.
 * The agent must have ended: what it remembers goes on from its note, which says of which conversation it is. Idempotent:
 * begun again after a crash it comes to the same end.
 */
export async function rewindSession(
  context: RunnerContext,
  address: Address,
  state: Pick<SessionState, 'sessionId' | 'actions' | 'delivered'>,
  rewind: Rewind,
  cause: Cause,
): Promise<void> {
  const { rewindId, messageId, restore, replacedBy } = rewind
  const closedActions = restore === 'code' ? [] : actionsSince(messageId, state)
  try {
    const keptIn =
      restore === 'conversation' ? undefined : await restoreFiles(context, address, state.sessionId, rewind, cause)
    await context.observe(
      address,
      'session.rewound',
      {
        rewindId,
        messageId,
        restore,
        ...(keptIn && { keptIn }),
        ...(replacedBy && { replacedBy }),
        ...(closedActions.length > 0 && { closedActions }),
      },
      cause,
      'rewound',
    )
  } catch (error) {
    const message = context.redaction.text(error instanceof Error ? error.message : String(error)).slice(0, 8_000)
    await context.observe(address, 'session.rewindFailed', { rewindId, message }, cause, 'rewindFailed')
  }
}

/** What agents asked since a message: the question goes with what led to it. */
function actionsSince(
  messageId: string,
  { actions, delivered }: Pick<SessionState, 'actions' | 'delivered'>,
): string[] {
  const at = delivered.findIndex((one) => one.messageId === messageId)
  const turns = new Set(delivered.slice(at < 0 ? delivered.length : at).map(({ turnId }) => turnId))
  return actions.filter(({ turnId }) => turns.has(turnId)).map(({ actionId }) => actionId)
}

/** @returns the id of the checkpoint that keeps the files as they were. */
async function restoreFiles(
  context: RunnerContext,
  address: Address,
  sessionId: string,
  { rewindId, turnId }: Rewind,
  cause: Cause,
): Promise<string> {
  const { locks, worktrees } = context
  const work = async (): Promise<string> => {
    const worktree = await worktrees.find(sessionId)
    if (!worktree) throw new Error('This runner has no worktree of this session.')
    const before = await findCheckpoint(worktree, derivedId(turnId, 'turn_start'))
    if (!before) throw new Error('The checkpoint from before that message is no longer there. Nothing was changed.')
    const tell = (checkpoint: typeof before, reason: 'before_restore' | 'manual'): Promise<boolean> =>
      context.observe(
        address,
        'checkpoint.created',
        checkpointReport(checkpoint, reason),
        cause,
        `checkpoint:${reason}`,
      )
    const kept = await createSyncedCheckpoint(worktree, derivedId(rewindId, 'kept'), 'before a rewind')
    void tell(kept, 'before_restore')
    await restoreCheckpoint(worktree, before)
    // What the session changed since its branch point is now what it was then.
    void tell(await createSyncedCheckpoint(worktree, derivedId(rewindId, 'restored'), 'after a rewind'), 'manual')
    return kept.id
  }
  return locks.with(`session/${sessionId}`, 'a rewind', () => locks.with(`git/${sessionId}`, 'a rewind', work))
}
