import {
  groupStream,
  nameFromText,
  newId,
  sessionStream,
  workspaceLog,
  type Attachment,
  type CommandData,
} from '@coppice/events'
import type { Replica } from '@coppice/replica'
import { send } from '../sync/commands.ts'
import type { AgentChoice } from './several-agents.tsx'

type Create = CommandData<'session.create'>

/** What is asked of all that are begun. */
export interface Beginning {
  readonly workspaceId: string
  /** All but who does it, and the message. */
  readonly session: Omit<Create, 'sessionId' | 'workspaceId' | 'provider' | 'model' | 'message' | 'groupId'>
  readonly text: string
  readonly attachments: readonly Attachment[]
}

/**
 * Begins a session for one agent, or for several of them a group of sessions with the one message (BE-5).
 * @returns where to look at it, or nothing where it was refused
 */
export async function startSessions(
  replica: Replica,
  { workspaceId, session, text, attachments }: Beginning,
  agents: readonly AgentChoice[],
): Promise<string | undefined> {
  const log = workspaceLog(workspaceId)
  const begun = agents.map((agent) => ({ ...agent, sessionId: newId() }))
  const groupId = begun.length > 1 ? newId() : undefined
  if (groupId !== undefined) {
    const sessionIds = begun.map((one) => one.sessionId)
    const group = { groupId, workspaceId, name: session.name ?? nameFromText(text), sessionIds }
    if (!(await send(replica, { log, stream: groupStream(groupId) }, 'group.create', group))) return undefined
  }
  for (const { sessionId, provider, model } of begun) {
    const data: Create = {
      ...session,
      sessionId,
      workspaceId,
      provider,
      model,
      ...(groupId !== undefined && { groupId }),
      ...(text.trim() !== '' && {
        message: { messageId: newId(), text, ...(attachments.length > 0 && { attachments: [...attachments] }) },
      }),
    }
    if (!(await send(replica, { log, stream: sessionStream(sessionId) }, 'session.create', data))) return undefined
  }
  return groupId === undefined ? `/session/${begun[0]?.sessionId ?? ''}` : `/group/${groupId}`
}
