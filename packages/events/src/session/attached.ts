import type { Command } from '../command.ts'
import { newMessageSchema, type Attachment } from './vocabulary.ts'

const attachments = newMessageSchema.shape.attachments

/** The files that a command names: those of its message, or of the first message of the session that it makes. */
export function attachedTo({ data }: Pick<Command, 'data'>): readonly Attachment[] {
  const { message } = data
  const first = typeof message === 'object' && message !== null && 'attachments' in message ? message.attachments : []
  const found = attachments.safeParse(data['attachments'] ?? first)
  // A list that is no list is refused where the command is decided.
  return found.success ? (found.data ?? []) : []
}
