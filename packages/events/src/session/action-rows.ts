import type { ItemRow } from '../rows/session-tables.ts'
import type { ProjectedFrom, SessionRow } from '../rows/tables.ts'
import type { SessionEvent } from './events.ts'

type Data<T extends SessionEvent['type']> = Extract<SessionEvent, { type: T }>['data']

/** The row of an action, as it is offered. */
export function offeredItem({ turnId, action, messageId, block, waits }: Data<'action.offered'>): Partial<ItemRow> {
  return {
    turnId,
    status: 'pending',
    text: action.kind === 'ask_question' ? action.question : action.title,
    detail: { action, waits, ...(messageId !== undefined && { messageId }), ...(block !== undefined && { block }) },
  }
}

/** The row of an action that somebody answered. */
export function answeredItem(row: ItemRow, { answer }: Data<'action.answered'>, source: ProjectedFrom): ItemRow {
  return {
    ...row,
    status: answer.kind === 'dismissed' ? 'canceled' : 'done',
    detail: { ...row.detail, answer, by: source.actor.id },
  }
}

/** How many actions of a session wait for a person, after an event. */
export function openActionsAfter(event: SessionEvent, row: SessionRow): number {
  const open = row.openActions ?? 0
  switch (event.type) {
    case 'action.offered':
      return open + 1
    case 'action.answered':
      return Math.max(0, open - 1)
    case 'session.ended':
      return 0
    case 'session.rewound':
      return Math.max(0, open - (event.data.closedActions?.length ?? 0))
    default:
      return open
  }
}
