import { workspaceLog, type SessionRow } from '@coppice/events'
import type { QueryAnswer } from '@coppice/protocol'
import { createEffect, createSignal, on, onCleanup } from 'solid-js'
import { useReplica } from '../sync/replica-context.tsx'

/** How often the runner is asked while something could begin to listen, ms. */
const LOOK_MS = 5_000

export type Ports = Extract<QueryAnswer<'ports'>, { ok: true }>['ports']

/** Ports that a session's processes listen on: asked for while something runs there and somebody looks. */
export function usePorts(session: () => SessionRow, always: boolean): { ports(): Ports; failure(): string } {
  const { replica, connection } = useReplica()
  const [ports, setPorts] = createSignal<Ports>([])
  const [failure, setFailure] = createSignal('')
  const look = async (): Promise<void> => {
    const { sessionId, workspaceId, worktree } = session()
    if (worktree !== 'ready') return void setPorts([])
    const answer = await replica.query(workspaceLog(workspaceId), { kind: 'ports', sessionId })
    if (sessionId !== session().sessionId) return
    setFailure(answer.ok ? '' : answer.message)
    // What was found before is not shown as being there when nobody can say.
    setPorts(answer.ok ? answer.ports : [])
  }
  const busy = () => always || (session().tasksRunning ?? 0) > 0 || session().status === 'in_progress'
  createEffect(
    on([() => session().sessionId, busy, () => connection().state === 'online'], ([_id, asks, online]) => {
      if (!online) return
      if (!asks) return void setPorts([])
      void look()
      const timer = setInterval(() => document.visibilityState === 'visible' && void look(), LOOK_MS)
      onCleanup(() => clearInterval(timer))
    }),
  )
  return { ports, failure }
}
