import type { ProcessRow } from '@coppice/events'
import { createEffect, createSignal, on, onCleanup } from 'solid-js'
import { useReplica } from '../sync/replica-context.tsx'

/** Runs of tasks and terminals of a session, newest first. */
export function useProcesses(sessionId: () => string): () => readonly ProcessRow[] {
  const { replica } = useReplica()
  const [rows, setRows] = createSignal<readonly ProcessRow[]>([])
  const read = () => {
    const asked = sessionId()
    void replica
      .processes(asked)
      .then((found) => asked === sessionId() && setRows([...found].sort((a, b) => b.at - a.at)))
  }
  createEffect(on(sessionId, read))
  onCleanup(replica.onProcesses((changed) => changed === sessionId() && read()))
  return rows
}

export const runs = ({ status }: ProcessRow): boolean => status === 'pending' || status === 'running'
