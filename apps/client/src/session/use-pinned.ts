import { createMemo, type Accessor } from 'solid-js'
import { useReplica } from '../sync/replica-context.tsx'

/** Whether the person here has pinned a session. */
export function usePinned(sessionId: Accessor<string>): Accessor<boolean> {
  const signals = useReplica()
  const pins = signals.table('pins')
  return createMemo(() =>
    [...pins().values()].some((pin) => pin.userId === signals.replica.userId && pin.sessionId === sessionId()),
  )
}
