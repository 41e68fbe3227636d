import { LIMITS } from '../limits.ts'
import type { ProjectedFrom, ReadRow, SessionRow } from '../rows/tables.ts'
import { openActionsAfter } from './action-rows.ts'
import { rowAfterBudgetSet, rowWithoutHold } from './budget.ts'
import type { SessionEvent } from './events.ts'
import { hooksRunningAfter } from './hook-rows.ts'
import { tasksRunningAfter } from './process-rows.ts'
import { withoutRule, withRule } from './rule-rows.ts'
import type { Usage } from './vocabulary.ts'
import { instructionsItem } from './instructions-row.ts'
import { setupAfter } from './setup.ts'
import { withToggle } from './toggles.ts'

type Data<T extends SessionEvent['type']> = Extract<SessionEvent, { type: T }>['data']

/** The row of a session that was just created. */
export function newSession(data: Data<'session.created'>, source: ProjectedFrom): SessionRow {
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
    replaced: [],
    rewinding: '',
    forkedFrom: data.fork?.sessionId ?? '',
    ...(data.botId !== undefined && { botId: data.botId }),
    ...(data.groupId !== undefined && { groupId: data.groupId }),
    ...(data.autoAfterFirst && { autoAfterFirst: true }),
    ...(data.planMode && { planMode: true }),
    ...(data.toggles && data.toggles.length > 0 && { toggles: data.toggles }),
    createdBy: source.actor.id,
    createdAt: source.at,
    updatedAt: source.at,
  }
}

/** The session's own row after an event; the same object where nothing on it changes. */
export function sessionAfter(event: SessionEvent, row: SessionRow, source: ProjectedFrom, read: ReadRow): SessionRow {
  const tasksRunning = tasksRunningAfter(event, row, read)
  const other = changed(event, row, source, read)
  const next = tasksRunning === (row.tasksRunning ?? 0) ? other : { ...other, tasksRunning }
  const openActions = openActionsAfter(event, row)
  const withActions = openActions === (row.openActions ?? 0) ? next : { ...next, openActions }
  return withHooking(withActions, hooksRunningAfter(event, row))
}

function withHooking(row: SessionRow, hooking: SessionRow['hooking']): SessionRow {
  if (hooking === row.hooking) return row
  const { hooking: _before, ...rest } = row
  return hooking ? { ...rest, hooking } : rest
}

function changed(event: SessionEvent, row: SessionRow, source: ProjectedFrom, read: ReadRow): SessionRow {
  switch (event.type) {
    case 'session.renamed':
      return { ...row, name: event.data.name }
    case 'session.stepModeSet':
      return { ...row, stepMode: event.data.stepMode, ...(row.autoAfterFirst && { autoAfterFirst: false }) }
    case 'session.ruleAdded':
      return withRule(row, event.data, source)
    case 'session.ruleRemoved':
      return withoutRule(row, event.data.ruleId)
    case 'session.strictSet':
    case 'session.planModeSet':
      return { ...row, ...event.data }
    case 'session.toggleSet':
      return { ...row, toggles: [...withToggle(row.toggles ?? [], event.data.toggle, event.data.on)] }
    case 'turn.instructed':
      return event.data.text === undefined ? row : { ...row, instructionsId: instructionsItem(event.data.turnId) }
    case 'session.providerSet':
      return { ...row, provider: event.data.provider, model: event.data.model, updatedAt: source.at }
    case 'session.budgetSet':
      return rowAfterBudgetSet(row, event.data.budget)
    case 'usage.measured':
      return withUsage(row, event.data.usage)
    case 'budget.held':
      return { ...row, hold: { holdId: event.data.holdId, scope: event.data.scope }, updatedAt: source.at }
    case 'budget.freed':
      return row.hold?.holdId === event.data.holdId ? rowWithoutHold(row) : row
    case 'session.endRequested':
      return { ...row, ending: event.data.outcome, queued: 0, updatedAt: source.at }
    case 'session.ended':
      return {
        ...rowWithoutHold(row),
        status: event.data.outcome,
        ending: 'none',
        turnId: '',
        turnStop: 'none',
        pendingApprovals: 0,
        held: 'none',
        rewinding: '',
        updatedAt: source.at,
      }
    case 'session.restoreRequested':
      return { ...row, worktree: 'restoring', worktreeNote: '' }
    case 'session.reopened':
      return { ...row, ending: 'none', updatedAt: source.at }
    case 'message.queued':
      return {
        ...row,
        queued: row.queued + 1,
        ...(!event.data.hook && { held: 'none' as const }),
        messageCount: row.messageCount + 1,
        updatedAt: source.at,
      }
    case 'message.removed':
      return { ...row, queued: Math.max(0, row.queued - 1), messageCount: Math.max(0, row.messageCount - 1) }
    case 'message.steered':
      return { ...row, queued: Math.max(0, row.queued - 1) }
    case 'session.rewindRequested':
      return { ...row, rewinding: event.data.rewindId }
    case 'session.rewound': {
      const from = event.data.restore === 'code' ? 0 : (read('items', event.data.messageId)?.seq ?? 0)
      const replaced =
        from === 0 ? row.replaced : [...row.replaced.filter((one) => one.from < from), { from, to: source.seq }]
      return {
        ...row,
        rewinding: '',
        held: event.data.replacedBy === undefined && row.queued > 0 ? 'stopped' : 'none',
        replaced,
        updatedAt: source.at,
      }
    }
    case 'session.rewindFailed':
      return { ...row, rewinding: '', held: row.queued > 0 ? 'failed' : row.held }
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
    case 'action.offered':
      return { ...row, updatedAt: source.at }
    case 'approval.requested':
      return { ...row, pendingApprovals: row.pendingApprovals + 1, updatedAt: source.at }
    case 'approval.answered': {
      const { rule, approvalId } = event.data
      const answered = { ...row, pendingApprovals: Math.max(0, row.pendingApprovals - 1) }
      return rule ? withRule(answered, { ...rule, ruleId: approvalId }, source) : answered
    }
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
    case 'session.takenOver':
      return { ...row, runnerId: event.data.runnerId }
    case 'setup.found':
    case 'setup.started':
    case 'setup.ended': {
      const setup = setupAfter(event, row.setup)
      return setup ? { ...row, setup, updatedAt: source.at } : row
    }
    case 'conflicts.found':
      return { ...row, conflicts: event.data.with }
    case 'checkpoint.created': {
      const { additions, deletions, fileCount, files, checkpointId } = event.data
      return { ...row, additions, deletions, fileCount, files: files.slice(0, LIMITS.rowFiles), checkpointId }
    }
    default:
      return row
  }
}

function afterTurn(data: Data<'turn.ended'>, row: SessionRow, source: ProjectedFrom): SessionRow {
  if (row.turnId !== data.turnId) return row
  const { usage, usageMeasured, outcome } = data
  const counted = usage && !usageMeasured ? withUsage(row, usage) : row
  return {
    ...rowWithoutHold(counted),
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
    ...(row.autoAfterFirst && outcome === 'completed' && { stepMode: 'auto' as const, autoAfterFirst: false }),
    lastOutcome: outcome,
    lastOutcomeMessage: data.message ?? '',
    updatedAt: source.at,
  }
}

function withUsage(row: SessionRow, usage: Usage): SessionRow {
  return {
    ...row,
    usd: row.usd + usage.usd,
    usdEstimated: row.usdEstimated || usage.source === 'estimated' || usage.priced === true,
    inputTokens: row.inputTokens + usage.inputTokens,
    outputTokens: row.outputTokens + usage.outputTokens,
    cacheReadTokens: row.cacheReadTokens + usage.cacheReadTokens,
    ...(usage.cacheWriteTokens > 0 && { cacheWriteTokens: (row.cacheWriteTokens ?? 0) + usage.cacheWriteTokens }),
    contextUsed: usage.contextUsed ?? row.contextUsed,
    contextLimit: usage.contextLimit ?? row.contextLimit,
  }
}
