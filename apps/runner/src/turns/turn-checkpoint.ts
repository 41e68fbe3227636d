import { createCheckpoint } from '../checkpoints/checkpoint.ts'
import type { Checkpoint } from '../checkpoints/checkpoint.ts'
import { derivedId } from '../derived-id.ts'
import type { Worktree } from '../git/worktree.ts'
import { checkpointReport } from './checkpoint-report.ts'

const words = { turn_start: 'before a turn', resumed: 'a turn goes on', turn_end: 'after a turn' } as const

/**
 * Keeps the files as they are before or after a turn, and tells of it. What a rewind goes back to is known by the turn's id; the
 * others are each process's own.
 */
export async function turnCheckpoint(
  worktree: Worktree,
  { turnId, seed }: { readonly turnId: string; readonly seed: string },
  of: keyof typeof words,
  observe: (type: 'checkpoint.created', data: ReturnType<typeof checkpointReport>, step: string) => void,
): Promise<Checkpoint> {
  const id = derivedId(of === 'turn_start' ? turnId : seed, of)
  const checkpoint = await createCheckpoint(worktree, id, words[of])
  const reason = of === 'resumed' ? 'manual' : of
  observe('checkpoint.created', checkpointReport(checkpoint, reason, turnId), `checkpoint:${of}`)
  return checkpoint
}
