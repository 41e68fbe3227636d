import type { OperationRow, SessionRow } from '@coppice/events'
import { createEffect, createMemo, on, onCleanup } from 'solid-js'
import { useReplica } from '../sync/replica-context.tsx'

/** An agent that writes many files asks for one new look, not for many. */
const STALE_MS = 800

/**
 * Calls `again` when files of the session's worktree may have changed, by an operation, a turn, or an agent at work; and when
 * the runner can be asked again, or no longer.
 */
export function useWorktreeNews(
  props: { session: SessionRow },
  operations: () => readonly OperationRow[],
  again: () => void,
): void {
  const { replica, connection } = useReplica()
  const ended = () => operations().filter((row) => row.state === 'completed' || row.state === 'failed').length
  createEffect(on([ended, () => props.session.checkpointId, () => props.session.status], again, { defer: true }))
  const reachable = createMemo(() => `${connection().state} ${replica.runnersOnline().join()}`)
  createEffect(on(reachable, again, { defer: true }))
  let timer: ReturnType<typeof setTimeout> | undefined
  const stop = replica.onLive((live) => {
    if (live.session !== props.session.sessionId || !live.items.some((item) => item.kind === 'worktree')) return
    timer ??= setTimeout(() => {
      timer = undefined
      again()
    }, STALE_MS)
  })
  onCleanup(() => {
    stop()
    clearTimeout(timer)
  })
}
