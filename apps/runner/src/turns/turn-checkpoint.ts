import { createCheckpoint } from '../checkpoints/checkpoint.ts'
import type { Checkpoint } from '../checkpoints/checkpoint.ts'
import { derivedId } from '../derived-id.ts'
import type { Worktree } from '../git/worktree.ts'
import { checkpointReport } from './checkpoint-report.ts'

/** Keeps the files as they are before or after a turn, and tells of it. */
export async function turnCheckpoint(
  worktree: Worktree,
  turnId: string,
  reason: 'turn_start' | 'turn_end',
  observe: (type: 'checkpoint.created', data: ReturnType<typeof checkpointReport>, step: string) => void,
): Promise<Checkpoint> {
  const words = `${reason === 'turn_start' ? 'before' : 'after'} a turn`
  const checkpoint = await createCheckpoint(worktree, derivedId(turnId, reason), words)
  observe('checkpoint.created', checkpointReport(checkpoint, reason, turnId), `checkpoint:${reason}`)
  return checkpoint
}
