import { z } from 'zod'
import { idSchema } from '../ids.ts'
import { LIMITS } from '../limits.ts'
import { newMessageSchema, pathSchema } from './vocabulary.ts'

const codeLines = (most: number) => z.array(z.string().max(LIMITS.commentLineChars)).max(most)

/**
 * What a comment is on: lines of one side of a diff, with their text and what stands around them, so that they are found
 * again when lines moved.
 */
export const commentPlaceSchema = z.object({
  path: pathSchema,
  /** `after`: the file as it is now; `before`: what it was compared with. */
  side: z.enum(['before', 'after']),
  /** First and last line, from 1. */
  line: z.int().min(1),
  endLine: z.int().min(1),
  quote: codeLines(LIMITS.commentQuoteLines),
  /** The nearest lines above and below, in the order of the file. */
  above: codeLines(LIMITS.commentContextLines),
  below: codeLines(LIMITS.commentContextLines),
})
export type CommentPlace = z.infer<typeof commentPlaceSchema>

const text = z.string().trim().min(1, 'a comment needs text').max(LIMITS.commentChars)

/** A comment begins a thread at a place, or answers the comment that began one. */
const newComment = z.object({
  commentId: idSchema,
  text,
  place: commentPlaceSchema.optional(),
  replyTo: idSchema.optional(),
})
const edited = z.object({ commentId: idSchema, text })
const named = z.object({ commentId: idSchema })
const resolved = z.object({ commentId: idSchema, resolved: z.boolean() })
const commentIds = z.array(idSchema).min(1).max(LIMITS.comments)

export const commentCommands = {
  'comment.add': newComment,
  'comment.edit': edited,
  'comment.remove': named,
  /** A thread, by the comment that began it. */
  'comment.resolve': resolved,
  /** Gathered comments go to the agent as one message (BE-7). */
  'comments.send': z.object({ commentIds, message: newMessageSchema }),
}

export const commentEvents = {
  'comment.added': newComment,
  'comment.edited': edited,
  'comment.removed': named,
  'comment.resolved': resolved,
  'comments.sent': z.object({ commentIds, messageId: idSchema }),
}
