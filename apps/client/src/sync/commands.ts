import {
  isRefusal,
  newId,
  sessionStream,
  userLog,
  USER_STREAM,
  workspaceLog,
  type Attachment,
  type CommandData,
  type KnownCommand,
  type LogId,
  type StreamId,
} from '@coppice/events'
import type { Replica, SentCommand } from '@coppice/replica'
import { toast } from '../parts/toasts.tsx'

async function tellRefusal(sent: SentCommand): Promise<void> {
  const settled = await sent.settled
  if (settled.kind === 'refused') toast(settled.refusal.message, { bad: true })
}

/** Where a session's commands go. */
export interface SessionAddress {
  readonly workspaceId: string
  readonly sessionId: string
}

const addressOf = (session: SessionAddress) => ({
  log: workspaceLog(session.workspaceId),
  stream: sessionStream(session.sessionId),
})

/**
 * Gives a command to the outbox. A refusal is told with its sentence: at once where any server would refuse, later
 * where this one did. Answers whether it was taken.
 */
export async function send<T extends KnownCommand['type']>(
  replica: Replica,
  address: { log: LogId; stream: StreamId },
  type: T,
  data: CommandData<T>,
): Promise<boolean> {
  const sent = await replica.command(address, type, data)
  if (isRefusal(sent)) {
    toast(sent.message, { bad: true })
    return false
  }
  void tellRefusal(sent)
  return true
}

export function sendToSession<T extends KnownCommand['type']>(
  replica: Replica,
  session: SessionAddress,
  type: T,
  data: CommandData<T>,
): Promise<boolean> {
  return send(replica, addressOf(session), type, data)
}

export const sendMessage = (
  replica: Replica,
  session: SessionAddress,
  text: string,
  attachments: Attachment[] = [],
): Promise<boolean> =>
  sendToSession(replica, session, 'message.send', {
    messageId: newId(),
    text,
    ...(attachments.length > 0 && { attachments }),
  })

export const pinSession = (replica: Replica, session: SessionAddress, pinned: boolean): Promise<boolean> => {
  const mine = { log: userLog(replica.userId), stream: USER_STREAM }
  return pinned
    ? send(replica, mine, 'session.unpin', { sessionId: session.sessionId })
    : send(replica, mine, 'session.pin', { sessionId: session.sessionId, workspaceId: session.workspaceId })
}
