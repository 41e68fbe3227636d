import type { ObservationData } from '@coppice/events'

/** How a task or terminal came to its end, but for how long it took. */
export type ProcessEnd = Pick<ObservationData<'process.ended'>, 'status' | 'exitCode' | 'message' | 'record'>

/** Why it is ended before its time, in words for a person. */
export type StopReason = { readonly status: 'failed' | 'canceled'; readonly message: string }

/** Something that people started in a worktree and that runs now. */
export interface ProcessRun {
  readonly runId: string
  /** Settles when it and all its children are gone. */
  readonly ended: Promise<ProcessEnd>
  /** Ends it with its children; the first reason counts. */
  stop(why: StopReason): void
}
