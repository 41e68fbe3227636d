import type { CommentRow } from '../rows/session-tables.ts'
import type { ProjectedFrom, ReadRow, RowChange, RowRef } from '../rows/tables.ts'
import { commentEvents } from './comment-vocabulary.ts'
import type { CommentEvent } from './comment-state.ts'
import type { SessionEvent } from './events.ts'

export const isCommentEvent = (event: SessionEvent): event is CommentEvent => Object.hasOwn(commentEvents, event.type)

/** The comment rows that an event changes. */
export function commentRefs(event: SessionEvent): readonly RowRef[] {
  if (!isCommentEvent(event)) return []
  const ids = event.type === 'comments.sent' ? event.data.commentIds : [event.data.commentId]
  return ids.map((key) => ({ table: 'comments', key }))
}

/** What an event changes in the comments of a session. */
export function commentChanges(event: CommentEvent, source: ProjectedFrom, read: ReadRow): readonly RowChange[] {
  const change = (commentId: string, how: (row: CommentRow) => CommentRow | null): RowChange[] => {
    const row = read('comments', commentId)
    return row ? [{ table: 'comments', key: commentId, row: how(row) }] : []
  }
  switch (event.type) {
    case 'comment.added': {
      const { commentId, text, place, replyTo } = event.data
      const row: CommentRow = {
        commentId,
        sessionId: source.streamId,
        author: source.actor.id,
        at: source.at,
        text,
        ...(place && { place }),
        ...(replyTo !== undefined && { replyTo }),
      }
      return [{ table: 'comments', key: commentId, row }]
    }
    case 'comment.edited':
      return change(event.data.commentId, (row) => ({ ...row, text: event.data.text, edited: true }))
    case 'comment.removed':
      return change(event.data.commentId, () => null)
    case 'comment.resolved':
      return change(event.data.commentId, (row) => {
        const next = { ...row }
        if (event.data.resolved) next.resolvedBy = source.actor.id
        else delete next.resolvedBy
        return next
      })
    case 'comments.sent':
      return event.data.commentIds.flatMap((id) => change(id, (row) => ({ ...row, messageId: event.data.messageId })))
  }
}
