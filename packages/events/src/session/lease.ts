import { z } from 'zod'
import { idSchema } from '../ids.ts'
import { refuse, type Refusal } from '../refusal.ts'
import type { SessionEvent } from './events.ts'
import type { SessionState } from './state.ts'

/** Who works for a session, and since which change of hands. Absent: its workspace's own runner, which never lost it. */
export interface Lease {
  readonly runnerId: string
  /** From 1; each change of hands is one more. What was seen under an older one is refused as fenced. */
  readonly epoch: number
}

export const takeOverSchema = z.object({ runnerId: idSchema, epoch: z.int().min(1) })

export const takenOverSchema = takeOverSchema.extend({
  /** The runner that had it; empty where it was the workspace's own, and nobody had taken it over yet. */
  from: z.string().max(64),
})

/** A checkpoint whose objects are on the server, as a git bundle: another runner can go on from it. */
export const checkpointStoredSchema = z.object({
  checkpointId: idSchema,
  commit: z.string().max(64),
  tree: z.string().max(64),
  /** The commit that the bundle builds on: whoever takes it must have that. */
  base: z.string().max(64),
  bundle: z.object({ sha256: z.string().regex(/^[0-9a-f]{64}$/), size: z.int().min(0) }),
})

/** What a runner saw that had been replaced without knowing it: kept beside the session, never mixed into it. */
export const orphanedSchema = z.object({
  orphanId: idSchema,
  runnerId: idSchema,
  /** The change of hands under which it saw that. */
  epoch: z.int().min(0),
  events: z.int().min(1),
  /** What was said and done, for people; cut where long. */
  text: z.string().max(8_000),
  /** Its events, one a line. */
  record: z.object({ sha256: z.string().regex(/^[0-9a-f]{64}$/), size: z.int().min(0) }),
})

/** The runner that works for a session: whoever took it over last, else its workspace's own. */
export const holderOf = (state: SessionState, workspaceRunner: string): string =>
  state.lease?.runnerId ?? workspaceRunner

/** Whether something of the session waits for a runner. One that only rests is not taken over. */
export function needsRunner(state: SessionState): boolean {
  if (!state.exists) return false
  if (state.status === 'done' || state.status === 'canceled') return state.worktree === 'restoring'
  const delivers = state.queue.length > 0 && state.held === 'none'
  return (
    state.turn !== undefined ||
    delivers ||
    state.ending !== 'none' ||
    state.rewind !== undefined ||
    state.operations.length > 0 ||
    state.hooks?.round !== undefined
  )
}

/**
 * Whether the runner before was silent for long enough is settled by the server, which knows when it heard of it; here only
 * that nobody else was faster.
 */
export function takeOver(
  { runnerId, epoch }: z.infer<typeof takeOverSchema>,
  state: SessionState,
): readonly SessionEvent[] | Refusal {
  if (!needsRunner(state)) return refuse('wrong_state', 'Nothing of this session waits for a runner now.')
  const now = state.lease?.epoch ?? 0
  if (epoch !== now + 1)
    return refuse('fenced', `The session is at change of hands ${now}; ${epoch} does not follow it. Read on first.`)
  if (state.lease?.runnerId === runnerId) return []
  return [{ type: 'session.takenOver', data: { runnerId, epoch, from: state.lease?.runnerId ?? '' } }]
}
