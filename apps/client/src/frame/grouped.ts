import type { SessionRow } from '@coppice/events'
import { createMemo, type Accessor } from 'solid-js'
import { useReplica } from '../sync/replica-context.tsx'

/** Sessions of one group. It stays the same object while they change, so that its entry is not drawn anew. */
export interface GroupEntry {
  readonly groupId: string
  readonly members: Accessor<readonly SessionRow[]>
}

export const isGroup = (entry: SessionRow | GroupEntry): entry is GroupEntry => 'members' in entry

/** A list of sessions in which each group stands once, where its newest session would. */
export function useGrouped(rows: Accessor<readonly SessionRow[]>): Accessor<readonly (SessionRow | GroupEntry)[]> {
  const groups = useReplica().table('groups')
  const kept = new Map<string, GroupEntry>()
  const groupIdOf = ({ groupId }: SessionRow): string | undefined =>
    groupId !== undefined && groups().has(groupId) ? groupId : undefined
  const byGroup = createMemo(() => Map.groupBy(rows(), groupIdOf))
  const entryOf = (groupId: string): GroupEntry => {
    const entry = kept.get(groupId) ?? { groupId, members: () => byGroup().get(groupId) ?? [] }
    kept.set(groupId, entry)
    return entry
  }
  return createMemo(() => {
    const seen = new Set<string>()
    return rows().flatMap((row): (SessionRow | GroupEntry)[] => {
      const groupId = groupIdOf(row)
      if (groupId === undefined) return [row]
      if (seen.has(groupId)) return []
      seen.add(groupId)
      return [entryOf(groupId)]
    })
  })
}
