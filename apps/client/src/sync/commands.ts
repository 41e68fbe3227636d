import {
  isRefusal,
  LIMITS,
  newId,
  sessionStream,
  userLog,
  USER_STREAM,
  workspaceLog,
  type Attachment,
  type CommandData,
  type ItemRow,
  type KnownCommand,
  type LogId,
  type SessionRow,
  type StreamId,
} from '@coppice/events'
import type { Replica, SentCommand } from '@coppice/replica'
import { namesIn } from '../format/names-in.ts'
import { toast } from '../parts/toasts.tsx'

async function tellRefusal(replica: Replica, sent: SentCommand): Promise<void> {
  const settled = await sent.settled
  if (settled.kind === 'refused') toast(namesIn(settled.refusal.message, replica.rows('users')), { bad: true })
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
    toast(namesIn(sent.message, replica.rows('users')), { bad: true })
    return false
  }
  void tellRefusal(replica, sent)
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

/** A message that is said into the running turn at once, if the agent takes that; else it waits for the end of the turn. */
export async function steer(replica: Replica, session: SessionAddress, text: string): Promise<boolean> {
  const messageId = newId()
  if (!(await sendToSession(replica, session, 'message.send', { messageId, text }))) return false
  return sendToSession(replica, session, 'message.steer', { messageId })
}

/**
 * A new session with another one's files and conversation from before a message (BE-4).
 * @returns its id, or nothing where it was refused
 */
export async function forkSession(
  replica: Replica,
  session: SessionRow,
  message: ItemRow,
): Promise<string | undefined> {
  const sessionId = newId()
  const { workspaceId, mode, provider, model, baseBranch, stepMode, toggles } = session
  const taken = await sendToSession(replica, { workspaceId, sessionId }, 'session.create', {
    sessionId,
    workspaceId,
    mode,
    provider,
    model,
    baseBranch,
    stepMode,
    ...(toggles && { toggles }),
    name: `${session.name.slice(0, LIMITS.nameChars - 7)} (fork)`,
    fork: { sessionId: session.sessionId, messageId: message.itemId, turnId: message.turnId },
  })
  return taken ? sessionId : undefined
}

export const pinSession = (replica: Replica, session: SessionAddress, pinned: boolean): Promise<boolean> => {
  const mine = { log: userLog(replica.userId), stream: USER_STREAM }
  return pinned
    ? send(replica, mine, 'session.unpin', { sessionId: session.sessionId })
    : send(replica, mine, 'session.pin', { sessionId: session.sessionId, workspaceId: session.workspaceId })
}
