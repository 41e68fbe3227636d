import type { SessionRow, WorkspaceRow } from '@coppice/events'
import { createMemo, createSignal, mapArray, type Accessor } from 'solid-js'
import { byActivity, needsSomebody } from '../session/attention.ts'
import { useReplica } from '../sync/replica-context.tsx'

/**
 * Sessions of one workspace, as the sidebar shows them. It stays the same object while its sessions change: a list that is
 * drawn by object would else be drawn anew, whole, with every message of any session.
 */
export interface SessionGroup {
  readonly workspace: WorkspaceRow
  readonly sessions: Accessor<readonly SessionRow[]>
}

export type StatusFilter = 'all' | 'active' | 'completed'
export const [statusFilter, setStatusFilter] = createSignal<StatusFilter>('all')
export const [nameFilter, setNameFilter] = createSignal('')

export interface SessionLists {
  readonly pinned: Accessor<readonly SessionRow[]>
  readonly groups: Accessor<readonly SessionGroup[]>
  /** Every session in the order it stands in the sidebar: what j, k and Alt+number walk over. */
  readonly inOrder: Accessor<readonly SessionRow[]>
  readonly needing: Accessor<readonly SessionRow[]>
}

/** The lists of sessions: pinned ones on top, then by workspace, newest activity first. */
export function useSessionLists(): SessionLists {
  const signals = useReplica()
  const sessions = signals.table('sessions')
  const workspaces = signals.table('workspaces')
  const pins = signals.table('pins')
  const shown = createMemo(() => {
    const status = statusFilter()
    const name = nameFilter().trim().toLowerCase()
    return [...sessions().values()]
      .filter(
        (session) =>
          status === 'all' ||
          (status === 'active') === (session.status === 'waiting' || session.status === 'in_progress'),
      )
      .filter((session) => name === '' || session.name.toLowerCase().includes(name))
      .sort(byActivity)
  })
  const pinnedIds = createMemo(
    () =>
      new Set([...pins().values()].filter((pin) => pin.userId === signals.replica.userId).map((pin) => pin.sessionId)),
  )
  const pinned = createMemo(() => shown().filter((session) => pinnedIds().has(session.sessionId)))
  const byWorkspace = createMemo(() =>
    Map.groupBy(
      shown().filter((session) => !pinnedIds().has(session.sessionId)),
      (session) => session.workspaceId,
    ),
  )
  const groups = createMemo(
    mapArray(
      () => [...workspaces().values()].sort((a, b) => a.createdAt - b.createdAt),
      (workspace): SessionGroup => ({
        workspace,
        sessions: createMemo(() => byWorkspace().get(workspace.workspaceId) ?? [], undefined, { equals: sameRows }),
      }),
    ),
  )
  const inOrder = createMemo(() => [...pinned(), ...groups().flatMap((group) => group.sessions())])
  const needing = createMemo(() => [...sessions().values()].filter(needsSomebody).sort(byActivity))
  return { pinned, groups, inOrder, needing }
}

const sameRows = (a: readonly SessionRow[], b: readonly SessionRow[]): boolean =>
  a.length === b.length && a.every((row, n) => row === b[n])
