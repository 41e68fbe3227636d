import type { ProjectedFrom, Projector, ReadRow, RowChange, RowRef } from '../rows/tables.ts'
import { commentChanges, commentRefs, isCommentEvent } from './comment-rows.ts'
import type { SessionEvent } from './events.ts'
import { itemChanges, itemsNamed } from './item-rows.ts'
import { hookChanges, hookRoundNamed } from './hook-rows.ts'
import { isProcessEvent, processChanges } from './process-rows.ts'
import { newSession, sessionAfter } from './session-row.ts'

/** A session's row, its conversation items, checkpoints, git operations, tasks, terminals and hooks. */
export const sessionProjector: Projector<SessionEvent> = {
  refs(event, sessionId) {
    const refs: RowRef[] = [{ table: 'sessions', key: sessionId }]
    for (const key of itemsNamed(event)) refs.push({ table: 'items', key })
    refs.push(...commentRefs(event))
    if ('operationId' in event.data) refs.push({ table: 'operations', key: event.data.operationId })
    if (isProcessEvent(event)) refs.push({ table: 'processes', key: event.data.runId })
    const roundId = hookRoundNamed(event)
    if (roundId !== undefined) refs.push({ table: 'hookRounds', key: roundId })
    return refs
  },
  project(event, source, read) {
    if (event.type === 'session.created')
      return [{ table: 'sessions', key: source.streamId, row: newSession(event.data, source) }]
    const session = read('sessions', source.streamId)
    if (!session) return []
    const changes: RowChange[] = [...itemChanges(event, session, source, read), ...otherChanges(event, source, read)]
    const next = sessionAfter(event, session, source, read)
    if (next !== session) changes.push({ table: 'sessions', key: source.streamId, row: next })
    return changes
  },
}

function otherChanges(event: SessionEvent, source: ProjectedFrom, read: ReadRow): readonly RowChange[] {
  if (isCommentEvent(event)) return commentChanges(event, source, read)
  const sessionId = source.streamId
  if (isProcessEvent(event)) return processChanges(event, source, read)
  if (hookRoundNamed(event) !== undefined) return hookChanges(event, source, read)
  if (event.type === 'checkpoint.created') {
    const { checkpointId, commit, tree, reason, turnId, additions, deletions } = event.data
    const row = {
      checkpointId,
      sessionId,
      commit,
      tree,
      reason,
      turnId: turnId ?? '',
      at: source.at,
      additions,
      deletions,
    }
    return [{ table: 'checkpoints', key: checkpointId, row }]
  }
  if (event.type === 'ide.offered') {
    const { operationId, zip, ...upload } = event.data
    const row = {
      operationId,
      sessionId,
      operation: { kind: 'applyUpload' as const, zip },
      state: 'offered' as const,
      message: '',
      files: [],
      by: source.actor.id,
      at: source.at,
      upload,
    }
    return [{ table: 'operations', key: operationId, row }]
  }
  if (event.type === 'git.requested') {
    const { operationId, operation } = event.data
    const row = {
      operationId,
      sessionId,
      operation,
      state: 'requested' as const,
      message: '',
      files: [],
      by: source.actor.id,
      at: source.at,
    }
    return [{ table: 'operations', key: operationId, row }]
  }
  if (
    event.type === 'git.started' ||
    event.type === 'git.completed' ||
    event.type === 'git.failed' ||
    event.type === 'git.canceled'
  ) {
    const known = read('operations', event.data.operationId)
    if (!known) return []
    const row = { ...known, ...operationAfter(event) }
    return [{ table: 'operations', key: known.operationId, row }]
  }
  return []
}

function operationAfter(
  event: Extract<SessionEvent, { type: 'git.started' | 'git.completed' | 'git.failed' | 'git.canceled' }>,
) {
  switch (event.type) {
    case 'git.started':
      return { state: 'running' as const }
    case 'git.completed':
      return {
        state: 'completed' as const,
        message: event.data.summary,
        ...(event.data.url && { url: event.data.url }),
      }
    case 'git.failed':
      return { state: 'failed' as const, message: event.data.message, files: event.data.files ?? [] }
    case 'git.canceled':
      return { state: 'canceled' as const }
  }
}
