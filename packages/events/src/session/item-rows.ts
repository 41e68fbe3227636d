import type { ItemDetail, ItemRow, ItemStatus } from '../rows/session-tables.ts'
import type { ProjectedFrom, ReadRow, RowChange, SessionRow } from '../rows/tables.ts'
import { LIMITS } from '../limits.ts'
import { budgetDetail, budgetWords, measuredItem, type BudgetUse } from './budget.ts'
import { answeredItem, offeredItem } from './action-rows.ts'
import type { SessionEvent } from './events.ts'
import { instructionsItem } from './instructions-row.ts'

type Data<T extends SessionEvent['type']> = Extract<SessionEvent, { type: T }>['data']

/** Ids of the conversation rows that an event changes or looks at. */
export function itemsNamed(event: SessionEvent): readonly string[] {
  switch (event.type) {
    case 'message.queued':
    case 'message.edited':
    case 'message.removed':
    case 'message.steered':
    case 'message.struck':
    case 'message.added':
      return [event.data.messageId]
    case 'setup.found':
      return [event.data.setupId]
    case 'session.rewound':
      return [event.data.messageId, ...(event.data.closedActions ?? [])]
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
    case 'usage.measured':
      return [event.data.itemId]
    case 'action.offered':
    case 'action.answered':
    case 'action.detached':
      return [event.data.actionId]
    default:
      return []
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

/** What an event changes in the conversation. */
export function itemChanges(
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
        newItem(event.data.messageId, event.data.hook ? 'hook_failure' : 'user', session, source, {
          seq: 0,
          queue: session.queued + 1,
          status: 'pending',
          author: source.actor.id,
          text: event.data.text,
          ...queuedDetail(event.data),
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
    case 'message.steered': {
      const { messageId, turnId } = event.data
      return change(messageId, (row) => ({
        ...row,
        status: 'done',
        queue: 0,
        seq: source.seq,
        turnId,
        detail: { ...row.detail, steered: true },
      }))
    }
    case 'message.notSteered':
      return [note(`${event.data.messageId}-waits`, event.data.message, session, source)]
    case 'message.struck':
      return change(event.data.messageId, (row) => ({ ...row, detail: { ...row.detail, struck: true } }))
    case 'session.rewound':
      return [
        note(event.data.rewindId, rewoundWords[event.data.restore], session, source),
        ...(event.data.closedActions ?? []).flatMap((id) => change(id, (row) => ({ ...row, status: 'canceled' }))),
      ]
    case 'session.rewindFailed':
      return [note(event.data.rewindId, `The rewind was not done: ${event.data.message}`, session, source)]
    case 'session.contextReset':
      return [
        note(
          event.data.resetId,
          'The agent’s memory was cleared: from the next message on it knows nothing of what is above. Files stay.',
          session,
          source,
        ),
      ]
    case 'message.reordered':
      return event.data.messageIds.flatMap((id, index) => change(id, (row) => ({ ...row, queue: index + 1 })))
    case 'session.endRequested':
      return event.data.canceledMessageIds.flatMap((id) =>
        change(id, (row) => ({ ...row, status: 'canceled', queue: 0, seq: source.seq })),
      )
    case 'usage.measured':
      return measuredItem(event.data, (itemId, next) => change(itemId, (row) => ({ ...row, detail: next(row.detail) })))
    case 'budget.warned':
      return [budgetRow(event.data.warningId, event.data, false, session, source)]
    case 'budget.held':
      return [budgetRow(event.data.holdId, event.data, true, session, source)]
    case 'turn.started':
      return event.data.messageIds.flatMap((id) =>
        change(id, (row) => ({ ...row, status: 'working', queue: 0, seq: source.seq, turnId: event.data.turnId })),
      )
    case 'session.takenOver':
      return [note(`${session.sessionId}-lease-${event.data.epoch}`, takenOverWords, session, source)]
    case 'agent.stale': {
      const { turnId, runId, silentMs, killMs } = event.data
      return [note(`${runId}-stale`, staleWords(silentMs, killMs), session, source, turnId)]
    }
    case 'session.reopened': {
      const { roundId, retry } = event.data
      return [note(`${roundId}-reopened`, reopenedWords(retry), session, source)]
    }
    case 'run.orphaned': {
      const { orphanId, events, text, record } = event.data
      const words = `A runner that had been replaced without knowing it did this meanwhile. It is kept here and is not part of the session (${events} events).`
      const attachments = [{ ...record, type: 'application/x-ndjson', name: 'orphaned-run.jsonl' }]
      const detail = { source: 'orphaned run', attachments }
      return [newItem(orphanId, 'system', session, source, { text: `${words}\n\n${text}`, detail })]
    }
    case 'turn.resumed': {
      const { runId, turnId, cause } = event.data
      return [note(`${runId}-resumed`, resumedWords[cause], session, source, turnId)]
    }
    case 'turn.ended':
      return turnEnd(event.data, session, source, change)
    case 'setup.found': {
      const { setupId, path, text } = event.data
      const words = `The repository brings a script that sets up each new worktree: ${path}`
      const detail: ItemDetail = { source: 'setup', detail: text, detailKind: 'text' }
      return [newItem(setupId, 'system', session, source, { text: words, detail })]
    }
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
    case 'turn.instructed': {
      const { turnId, text, way } = event.data
      if (text === undefined) return []
      return [newItem(instructionsItem(turnId), 'instructions', session, source, { turnId, text, detail: { way } })]
    }
    case 'action.offered':
      return [newItem(event.data.actionId, 'action', session, source, offeredItem(event.data))]
    case 'action.answered':
      return change(event.data.actionId, (row) => answeredItem(row, event.data, source))
    case 'action.detached':
      return change(event.data.actionId, (row) => ({ ...row, detail: { ...row.detail, waits: false } }))
    case 'agent.noted': {
      const { noteId, turnId, event: name, data } = event.data
      const text = Object.keys(data).length === 0 ? name : `${name} ${JSON.stringify(data)}`
      return [newItem(noteId, 'system', session, source, { turnId, text, detail: { source: 'agent' } })]
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

function queuedDetail({ attachments, hook }: Data<'message.queued'>): Pick<ItemRow, 'detail'> {
  return { detail: { ...(attachments && { attachments }), ...(hook && { source: hook.name, hookRunId: hook.runId }) } }
}

const reopenedWords = (retry: number | undefined): string =>
  retry === undefined
    ? 'Hooks of this Complete failed again, so the session stays open and waits for a person. Complete it again when that is mended.'
    : `Hooks of this Complete failed, so the agent goes on with that (${retry} of ${LIMITS.doneRetries}). When it is through, the session is completed again.`

const rewoundWords = {
  code: 'The files are back as they were before that message. The conversation goes on.',
  conversation: 'The conversation is back to before that message. The files stay as they are.',
  both: 'Files and conversation are back as they were before that message.',
} as const

const inWords = (ms: number): string =>
  ms < 90_000 ? `${Math.round(ms / 1_000)} seconds` : `${Math.round(ms / 60_000)} minutes`

const staleWords = (silentMs: number, killMs: number | undefined): string =>
  `Nothing has changed for ${inWords(silentMs)}: the agent may hang.${killMs === undefined ? '' : ` It is ended in ${inWords(killMs)}.`}`

const budgetRow = (
  itemId: string,
  use: BudgetUse,
  held: boolean,
  session: SessionRow,
  source: ProjectedFrom,
): RowChange =>
  newItem(itemId, 'system', session, source, { text: budgetWords(use, held), detail: budgetDetail(use, held) })
const takenOverWords =
  'Another runner has taken this session over, because the one that had it is gone. Its files are as they were at the last checkpoint that had reached the server.'

const resumedWords = {
  restart: 'The runner was restarted while the agent worked; the turn goes on. What was completed is not done again.',
  takeover: 'Another runner took over while the agent worked; the turn goes on from the last files that were kept.',
} as const

/** A line of Coppice itself in the conversation. */
const note = (itemId: string, text: string, session: SessionRow, source: ProjectedFrom, turnId = ''): RowChange =>
  newItem(itemId, 'system', session, source, { text, turnId, detail: { source: 'coppice' } })

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
  const words = 'The first message is done: from here on the agent works in Auto.'
  const inAuto =
    session.autoAfterFirst && outcome === 'completed' ? [note(`${turnId}-auto`, words, session, source)] : []
  const status: ItemStatus = outcome === 'completed' ? 'done' : outcome === 'stopped' ? 'canceled' : 'failed'
  return [
    ...data.messageIds.flatMap((id) => change(id, (row) => ({ ...row, status }))),
    newItem(`${turnId}-end`, 'turn_end', session, source, {
      turnId,
      status,
      text: message ?? '',
      detail: {
        turnOutcome: outcome,
        durationMs,
        ...(data.trouble && { trouble: data.trouble }),
        ...(data.usage && { usage: data.usage }),
      },
    }),
    ...inAuto,
  ]
}
