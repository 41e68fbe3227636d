import type { Rows } from '@coppice/events'
import type { SessionTable } from '@coppice/replica'
import { createEffect, createSignal, on, onCleanup, type Accessor } from 'solid-js'
import { useReplica } from './replica-context.tsx'

/** Rows of a session, oldest first; read again when one of them changed. */
export function useOfSession<T extends SessionTable>(
  table: T,
  sessionId: Accessor<string>,
): Accessor<readonly Rows[T][]> {
  const { replica } = useReplica()
  const [rows, setRows] = createSignal<readonly Rows[T][]>([])
  const read = () => {
    const asked = sessionId()
    void replica
      .ofSession(table, asked)
      .then((found) => asked === sessionId() && setRows(() => [...found].sort((a, b) => a.at - b.at)))
  }
  createEffect(on(sessionId, read))
  onCleanup(
    replica.onOfSession((changed, of) => {
      if (changed === table && (of === '' || of === sessionId())) read()
    }),
  )
  return rows
}
