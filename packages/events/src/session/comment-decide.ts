import type { DecideContext } from '../decider.ts'
import { LIMITS } from '../limits.ts'
import { isRefusal, refuse, type Refusal } from '../refusal.ts'
import type { KnownComment } from './comment-state.ts'
import { commentCommands } from './comment-vocabulary.ts'
import type { SessionCommand } from './commands.ts'
import type { SessionEvent } from './events.ts'

type CommentCommand = Extract<SessionCommand, { type: keyof typeof commentCommands }>
type Decision = readonly SessionEvent[] | Refusal
type SendCommand = Extract<SessionCommand, { type: 'comments.send' }>['data']

export const isComment = (command: SessionCommand): command is CommentCommand =>
  Object.hasOwn(commentCommands, command.type)

const gone = (): Refusal => refuse('not_found', 'That comment is not there any more: it was removed, or is too old.')

/**
 * Comments on lines of the session's changes (BE-7). `send` decides the message that they become.
 */
export function decideComments(
  command: CommentCommand,
  comments: readonly KnownComment[],
  context: DecideContext,
  send: (message: SendCommand['message']) => Decision,
): Decision {
  if (command.type === 'comment.add') return add(command.data, comments)
  if (command.type === 'comments.send') return sendComments(command.data, comments, send)
  const known = comments.find((one) => one.commentId === command.data.commentId)
  if (!known) return gone()
  switch (command.type) {
    case 'comment.edit':
      return onlyDraft(known, context) ?? [{ type: 'comment.edited', data: command.data }]
    case 'comment.remove': {
      const answered = comments.some((one) => one.replyTo === known.commentId && one.author !== context.actor.id)
      if (answered) return refuse('wrong_state', 'Somebody answered this comment: resolve it instead.')
      return onlyDraft(known, context) ?? removeThread(comments, known.commentId)
    }
    case 'comment.resolve':
      if (known.replyTo !== undefined) return refuse('invalid', 'A thread is resolved by the comment that began it.')
      return (known.resolved ?? false) === command.data.resolved
        ? []
        : [{ type: 'comment.resolved', data: command.data }]
  }
}

/** Why a comment cannot be changed by this person any more. */
function onlyDraft(known: KnownComment, context: DecideContext): Refusal | undefined {
  if (known.author !== context.actor.id) return refuse('forbidden', 'Only its author can change a comment.')
  return known.sent
    ? refuse('wrong_state', 'The agent has this comment already: write another one, or resolve it.')
    : undefined
}

function add(
  data: Extract<CommentCommand, { type: 'comment.add' }>['data'],
  comments: readonly KnownComment[],
): Decision {
  const { commentId, replyTo, place } = data
  if (comments.some((one) => one.commentId === commentId))
    return refuse('already_exists', 'This comment is there already.')
  if ((place === undefined) === (replyTo === undefined))
    return refuse('invalid', 'A comment is on lines of a file, or answers another comment.')
  if (place && place.endLine < place.line) return refuse('invalid', 'The last line of a comment is before its first.')
  if (replyTo !== undefined) {
    const first = comments.find((one) => one.commentId === replyTo)
    if (!first) return gone()
    if (first.replyTo !== undefined) return refuse('invalid', 'An answer goes to the comment that began the thread.')
  }
  if (comments.length < LIMITS.comments) return [{ type: 'comment.added', data }]
  // The oldest thread that is settled makes room.
  const settled = comments.find((one) => one.resolved && one.commentId !== replyTo)
  if (!settled)
    return refuse('queue_full', `There are ${LIMITS.comments} comments on this session. Resolve some first.`)
  return [...removeThread(comments, settled.commentId), { type: 'comment.added', data }]
}

/** A comment goes, with the answers to it. */
const removeThread = (comments: readonly KnownComment[], commentId: string): readonly SessionEvent[] =>
  comments
    .filter((one) => one.commentId === commentId || one.replyTo === commentId)
    .map((one) => ({ type: 'comment.removed', data: { commentId: one.commentId } }))

function sendComments(
  { commentIds, message }: SendCommand,
  comments: readonly KnownComment[],
  send: (message: SendCommand['message']) => Decision,
): Decision {
  for (const commentId of commentIds) {
    const known = comments.find((one) => one.commentId === commentId)
    if (!known) return refuse('conflict', 'One of these comments was removed meanwhile. Look again, then send.')
    if (known.sent) return refuse('conflict', 'One of these comments was sent meanwhile. Nothing was sent twice.')
  }
  const sent = send(message)
  if (isRefusal(sent)) return sent
  return [{ type: 'comments.sent', data: { commentIds, messageId: message.messageId } }, ...sent]
}
