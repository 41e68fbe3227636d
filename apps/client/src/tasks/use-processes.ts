import type { ProcessRow } from '@coppice/events'
import { useOfSession } from '../sync/of-session.ts'

/** Runs of tasks and terminals of a session, newest first. */
export function useProcesses(sessionId: () => string): () => readonly ProcessRow[] {
  const rows = useOfSession('processes', sessionId)
  return () => rows().toReversed()
}

export const runs = ({ status }: ProcessRow): boolean => status === 'pending' || status === 'running'
