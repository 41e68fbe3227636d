import type { Command } from '../command.ts'
import { attachmentSchema, newMessageSchema, type Attachment } from './vocabulary.ts'

const attachments = newMessageSchema.shape.attachments

/** The files that a command names: those of its message, of the first message of the session that it makes, or what it writes. */
export function attachedTo({ data }: Pick<Command, 'data'>): readonly Attachment[] {
  const { operation } = data
  if (typeof operation === 'object' && operation !== null && 'content' in operation) {
    const content = attachmentSchema.safeParse(operation.content)
    return content.success ? [content.data] : []
  }
  const { message } = data
  const first = typeof message === 'object' && message !== null && 'attachments' in message ? message.attachments : []
  const found = attachments.safeParse(data['attachments'] ?? first)
  // A list that is no list is refused where the command is decided.
  return found.success ? (found.data ?? []) : []
}
