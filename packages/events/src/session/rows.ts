import type {
  ItemDetail,
  ItemRow,
  ItemStatus,
  ProjectedFrom,
  Projector,
  ReadRow,
  RowChange,
  RowRef,
  SessionRow,
} from '../rows/tables.ts'
import type { SessionEvent } from './events.ts'

type Data<T extends SessionEvent['type']> = Extract<SessionEvent, { type: T }>['data']

/** A session's row, its conversation items, checkpoints and git operations. */
export const sessionProjector: Projector<SessionEvent> = {
  refs(event, sessionId) {
    const refs: RowRef[] = [{ table: 'sessions', key: sessionId }]
    for (const key of itemsNamed(event)) refs.push({ table: 'items', key })
    if ('operationId' in event.data) refs.push({ table: 'operations', key: event.data.operationId })
    return refs
  },
  project(event, source, read) {
    if (event.type === 'session.created')
      return [{ table: 'sessions', key: source.streamId, row: newSession(event.data, source) }]
    const session = read('sessions', source.streamId)
    if (!session) return []
    const changes: RowChange[] = [...itemChanges(event, session, source, read), ...otherChanges(event, source, read)]
    const next = sessionAfter(event, session, source)
    if (next !== session) changes.push({ table: 'sessions', key: source.streamId, row: next })
    return changes
  },
}

function itemsNamed(event: SessionEvent): readonly string[] {
  switch (event.type) {
    case 'message.queued':
    case 'message.edited':
    case 'message.removed':
    case 'message.added':
      return [event.data.messageId]
    case 'message.reordered':
    case 'turn.started':
    case 'turn.ended':
      return event.data.messageIds
    case 'session.endRequested':
      return event.data.canceledMessageIds
    case 'tool.started':
    case 'tool.permitted':
    case 'tool.finished':
      return [event.data.toolId]
    case 'approval.requested':
    case 'approval.answered':
    case 'approval.withdrawn':
      return [event.data.approvalId, event.data.toolId]
    case 'plan.updated':
      return [event.data.planId]
    default:
      return []
  }
}

function newSession(data: Data<'session.created'>, source: ProjectedFrom): SessionRow {
  return {
    sessionId: data.sessionId,
    workspaceId: data.workspaceId,
    name: data.name,
    mode: data.mode,
    provider: data.provider,
    model: data.model,
    baseBranch: data.baseBranch,
    branch: '',
    stepMode: data.stepMode,
    status: 'waiting',
    ending: 'none',
    worktree: 'preparing',
    worktreePath: '',
    worktreeNote: '',
    baseCommit: '',
    additions: 0,
    deletions: 0,
    fileCount: 0,
    files: [],
    checkpointId: '',
    usd: 0,
    usdEstimated: false,
    inputTokens: 0,
    outputTokens: 0,
    cacheReadTokens: 0,
    contextUsed: 0,
    contextLimit: 0,
    queued: 0,
    pendingApprovals: 0,
    held: 'none',
    turnId: '',
    turnStartedAt: 0,
    turnStop: 'none',
    lastOutcome: '',
    lastOutcomeMessage: '',
    messageCount: 0,
    createdBy: source.actor.id,
    createdAt: source.at,
    updatedAt: source.at,
  }
}

/** The session's own row after an event; the same object where nothing on it changes. */
function sessionAfter(event: SessionEvent, row: SessionRow, source: ProjectedFrom): SessionRow {
  switch (event.type) {
    case 'session.renamed':
      return { ...row, name: event.data.name }
    case 'session.stepModeSet':
      return { ...row, stepMode: event.data.stepMode }
    case 'session.endRequested':
      return { ...row, ending: event.data.outcome, queued: 0, updatedAt: source.at }
    case 'session.ended':
      return {
        ...row,
        status: event.data.outcome,
        ending: 'none',
        turnId: '',
        turnStop: 'none',
        pendingApprovals: 0,
        held: 'none',
        updatedAt: source.at,
      }
    case 'session.restoreRequested':
      return { ...row, worktree: 'restoring', worktreeNote: '' }
    case 'message.queued':
      return { ...row, queued: row.queued + 1, held: 'none', messageCount: row.messageCount + 1, updatedAt: source.at }
    case 'message.removed':
      return { ...row, queued: Math.max(0, row.queued - 1), messageCount: Math.max(0, row.messageCount - 1) }
    case 'queue.released':
      return { ...row, held: 'none' }
    case 'turn.started':
      return {
        ...row,
        status: 'in_progress',
        queued: Math.max(0, row.queued - event.data.messageIds.length),
        turnId: event.data.turnId,
        turnStartedAt: source.at,
        turnStop: 'none',
        lastOutcome: '',
        lastOutcomeMessage: '',
        updatedAt: source.at,
      }
    case 'turn.stopRequested':
      return { ...row, turnStop: 'requested' }
    case 'turn.stopAcknowledged':
      return { ...row, turnStop: 'acknowledged' }
    case 'turn.ended':
      return afterTurn(event.data, row, source)
    case 'message.added':
      return { ...row, messageCount: row.messageCount + (event.data.kind === 'agent' ? 1 : 0), updatedAt: source.at }
    case 'approval.requested':
      return { ...row, pendingApprovals: row.pendingApprovals + 1, updatedAt: source.at }
    case 'approval.answered':
    case 'approval.withdrawn':
      return { ...row, pendingApprovals: Math.max(0, row.pendingApprovals - 1) }
    case 'worktree.ready':
      return {
        ...row,
        worktree: 'ready',
        branch: event.data.branch,
        baseCommit: event.data.baseCommit,
        worktreePath: event.data.path,
        worktreeNote: event.data.notes?.join('\n') ?? '',
      }
    case 'worktree.failed':
      return { ...row, worktree: 'failed', worktreeNote: event.data.message, updatedAt: source.at }
    case 'worktree.archived':
      return { ...row, worktree: 'archived' }
    case 'worktree.removed':
      return { ...row, worktree: 'removed', worktreePath: '' }
    case 'worktree.kept':
      return { ...row, worktree: 'kept', worktreeNote: event.data.message }
    case 'worktree.restored':
      return { ...row, worktree: 'ready', worktreePath: event.data.path, status: 'waiting', updatedAt: source.at }
    case 'checkpoint.created': {
      const { additions, deletions, fileCount, files, checkpointId } = event.data
      return { ...row, additions, deletions, fileCount, files, checkpointId }
    }
    default:
      return row
  }
}

function afterTurn(data: Data<'turn.ended'>, row: SessionRow, source: ProjectedFrom): SessionRow {
  if (row.turnId !== data.turnId) return row
  const { usage, outcome } = data
  return {
    ...row,
    status: row.status === 'in_progress' ? 'waiting' : row.status,
    turnId: '',
    turnStop: 'none',
    pendingApprovals: 0,
    held:
      outcome === 'completed'
        ? row.held
        : outcome === 'stopped'
          ? 'stopped'
          : outcome === 'aborted_by_restart'
            ? 'aborted'
            : 'failed',
    lastOutcome: outcome,
    lastOutcomeMessage: data.message ?? '',
    updatedAt: source.at,
    ...(usage && {
      usd: row.usd + usage.usd,
      usdEstimated: row.usdEstimated || usage.source === 'estimated',
      inputTokens: row.inputTokens + usage.inputTokens,
      outputTokens: row.outputTokens + usage.outputTokens,
      cacheReadTokens: row.cacheReadTokens + usage.cacheReadTokens,
      contextUsed: usage.contextUsed ?? row.contextUsed,
      contextLimit: usage.contextLimit ?? row.contextLimit,
    }),
  }
}

function newItem(
  itemId: string,
  kind: ItemRow['kind'],
  session: SessionRow,
  source: ProjectedFrom,
  more: Partial<ItemRow>,
): RowChange {
  const row: ItemRow = {
    itemId,
    sessionId: session.sessionId,
    workspaceId: session.workspaceId,
    seq: source.seq,
    queue: 0,
    turnId: '',
    parentId: '',
    kind,
    status: 'done',
    author: '',
    at: source.at,
    text: '',
    detail: {},
    ...more,
  }
  return { table: 'items', key: itemId, row }
}

function itemChanges(
  event: SessionEvent,
  session: SessionRow,
  source: ProjectedFrom,
  read: ReadRow,
): readonly RowChange[] {
  const change = (itemId: string, change: (row: ItemRow) => ItemRow | null): RowChange[] => {
    const row = read('items', itemId)
    return row ? [{ table: 'items', key: itemId, row: change(row) }] : []
  }
  switch (event.type) {
    case 'message.queued':
      return [
        newItem(event.data.messageId, 'user', session, source, {
          seq: 0,
          queue: session.queued + 1,
          status: 'pending',
          author: source.actor.id,
          text: event.data.text,
        }),
      ]
    case 'message.edited':
      return change(event.data.messageId, (row) => ({
        ...row,
        text: event.data.text,
        detail: { ...row.detail, edited: true },
      }))
    case 'message.removed':
      return change(event.data.messageId, () => null)
    case 'message.reordered':
      return event.data.messageIds.flatMap((id, index) => change(id, (row) => ({ ...row, queue: index + 1 })))
    case 'session.endRequested':
      return event.data.canceledMessageIds.flatMap((id) =>
        change(id, (row) => ({ ...row, status: 'canceled', queue: 0, seq: source.seq })),
      )
    case 'turn.started':
      return event.data.messageIds.flatMap((id) =>
        change(id, (row) => ({ ...row, status: 'working', queue: 0, seq: source.seq, turnId: event.data.turnId })),
      )
    case 'turn.ended':
      return turnEnd(event.data, session, source, change)
    case 'message.added': {
      const { messageId, kind, turnId, parentId, text, completeness, durationMs } = event.data
      const detail: ItemDetail = {
        ...(completeness === 'cut_off' && { cutOff: true }),
        ...(event.data.source && { source: event.data.source }),
        ...(durationMs !== undefined && { durationMs }),
      }
      return [
        newItem(messageId, kind, session, source, { turnId: turnId ?? '', parentId: parentId ?? '', text, detail }),
      ]
    }
    case 'tool.started': {
      const { toolId, turnId, parentId, family, title, target } = event.data
      return [
        newItem(toolId, 'tool', session, source, {
          turnId,
          parentId: parentId ?? '',
          status: 'working',
          detail: { family, title, target },
        }),
      ]
    }
    case 'tool.permitted':
      return change(event.data.toolId, (row) => ({ ...row, detail: { ...row.detail, permittedBy: event.data.by } }))
    case 'tool.finished':
      return finishTool(event.data, session, source, read)
    case 'plan.updated': {
      const { planId, turnId, entries } = event.data
      const known = read('items', planId)
      return [
        newItem(planId, 'plan', session, source, {
          turnId,
          detail: { entries },
          ...(known && { seq: known.seq, at: known.at }),
        }),
      ]
    }
    case 'approval.requested': {
      const { approvalId, turnId, toolId, family, title, target, detail, detailKind } = event.data
      return [
        newItem(approvalId, 'approval', session, source, {
          turnId,
          status: 'pending',
          detail: { toolId, family, title, target, detail, detailKind, state: 'pending' },
        }),
      ]
    }
    case 'approval.answered': {
      const { approvalId, toolId, decision, reason } = event.data
      const state = decision === 'reject' ? 'rejected' : decision === 'allow_session' ? 'allowed_session' : 'allowed'
      return [
        ...change(approvalId, (row) => ({
          ...row,
          status: decision === 'reject' ? 'canceled' : 'done',
          detail: { ...row.detail, state, by: source.actor.id, ...(reason && { reason }) },
        })),
        ...(decision === 'reject'
          ? []
          : change(toolId, (row) => ({ ...row, detail: { ...row.detail, permittedBy: 'person' } }))),
      ]
    }
    case 'approval.withdrawn':
      return change(event.data.approvalId, (row) => ({
        ...row,
        status: 'canceled',
        detail: { ...row.detail, state: 'withdrawn', reason: event.data.reason },
      }))
    default:
      return []
  }
}

const statusOfTool: Record<Data<'tool.finished'>['outcome'], ItemStatus> = {
  done: 'done',
  failed: 'failed',
  canceled: 'canceled',
  rejected: 'canceled',
  aborted: 'failed',
}

function finishTool(
  data: Data<'tool.finished'>,
  session: SessionRow,
  source: ProjectedFrom,
  read: ReadRow,
): readonly RowChange[] {
  const { toolId, turnId, outcome, exitCode, durationMs, output, omittedChars, family, title, target, changes } = data
  const known = read('items', toolId)
  const detail: ItemDetail = {
    ...known?.detail,
    outcome,
    durationMs,
    ...(omittedChars > 0 && { omittedChars }),
    ...(exitCode !== undefined && { exitCode }),
    ...(family && { family }),
    ...(title && { title }),
    ...(target && { target }),
    ...(changes && { changes }),
  }
  return [
    newItem(toolId, 'tool', session, source, {
      turnId,
      ...(known && { seq: known.seq, at: known.at, parentId: known.parentId }),
      status: statusOfTool[outcome],
      text: output,
      detail,
    }),
  ]
}

function turnEnd(
  data: Data<'turn.ended'>,
  session: SessionRow,
  source: ProjectedFrom,
  change: (itemId: string, change: (row: ItemRow) => ItemRow | null) => RowChange[],
): readonly RowChange[] {
  const { outcome, turnId, durationMs, message } = data
  const status: ItemStatus = outcome === 'completed' ? 'done' : outcome === 'stopped' ? 'canceled' : 'failed'
  return [
    ...data.messageIds.flatMap((id) => change(id, (row) => ({ ...row, status }))),
    newItem(`${turnId}-end`, 'turn_end', session, source, {
      turnId,
      status,
      text: message ?? '',
      detail: { turnOutcome: outcome, durationMs },
    }),
  ]
}

function otherChanges(event: SessionEvent, source: ProjectedFrom, read: ReadRow): readonly RowChange[] {
  const sessionId = source.streamId
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
      return { state: 'completed' as const, message: event.data.summary }
    case 'git.failed':
      return { state: 'failed' as const, message: event.data.message, files: event.data.files ?? [] }
    case 'git.canceled':
      return { state: 'canceled' as const }
  }
}
