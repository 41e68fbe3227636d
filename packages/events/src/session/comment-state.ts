import type { EventMeta } from '../decider.ts'
import type { commentEvents } from './comment-vocabulary.ts'
import type { SessionEvent } from './events.ts'

/** A comment as deciders see it: no text, because the state goes with the header of every session. */
export interface KnownComment {
  readonly commentId: string
  readonly author: string
  /** The comment that began its thread; absent for that one itself. */
  readonly replyTo?: string
  readonly sent?: true
  readonly resolved?: true
}

export type CommentEvent = Extract<SessionEvent, { type: keyof typeof commentEvents }>

/** The comments of a session after an event, oldest first. */
export function evolveComments(
  comments: readonly KnownComment[],
  event: CommentEvent,
  meta: EventMeta,
): readonly KnownComment[] {
  const change = (ids: readonly string[], how: (one: KnownComment) => KnownComment): readonly KnownComment[] =>
    comments.map((one) => (ids.includes(one.commentId) ? how(one) : one))
  switch (event.type) {
    case 'comment.added': {
      const { commentId, replyTo } = event.data
      return [...comments, { commentId, author: meta.actor.id, ...(replyTo !== undefined && { replyTo }) }]
    }
    case 'comment.edited':
      return comments
    case 'comment.removed':
      return comments.filter((one) => one.commentId !== event.data.commentId)
    case 'comment.resolved':
      return change([event.data.commentId], ({ commentId, author, replyTo, sent }) => ({
        commentId,
        author,
        ...(replyTo !== undefined && { replyTo }),
        ...(sent && { sent }),
        ...(event.data.resolved && { resolved: true }),
      }))
    case 'comments.sent':
      return change(event.data.commentIds, (one) => ({ ...one, sent: true }))
  }
}
