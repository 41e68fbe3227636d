import {
  makeCommand,
  makeObservation,
  newId,
  sessionStream,
  WORKSPACE_STREAM,
  workspaceLog,
  type Attachment,
  type Command,
  type CommandData,
  type DraftEvent,
} from '@coppice/events'

const stamp = () => ({ id: newId(), now: Date.now() })

export function createWorkspace(workspaceId: string, runnerId: string): Command {
  const data = { workspaceId, name: 'Acorn', source: { kind: 'sample' as const }, runnerId, creatorName: 'Mara' }
  return makeCommand({ log: workspaceLog(workspaceId), stream: WORKSPACE_STREAM }, 'workspace.create', data, stamp())
}

export function createSession(workspaceId: string, sessionId: string, message?: string): Command {
  const address = { log: workspaceLog(workspaceId), stream: sessionStream(sessionId) }
  const data: CommandData<'session.create'> = {
    sessionId,
    workspaceId,
    mode: 'chat',
    provider: 'script',
    model: 'default',
    baseBranch: 'main',
    stepMode: 'manual',
    ...(message !== undefined && { message: { messageId: newId(), text: message } }),
  }
  return makeCommand(address, 'session.create', data, stamp())
}

export function renameSession(workspaceId: string, sessionId: string, name: string): Command {
  const address = { log: workspaceLog(workspaceId), stream: sessionStream(sessionId) }
  return makeCommand(address, 'session.rename', { name }, stamp())
}

/** A message with files. */
export function sendMessage(workspaceId: string, sessionId: string, attachments: Attachment[]): Command {
  const address = { log: workspaceLog(workspaceId), stream: sessionStream(sessionId) }
  return makeCommand(address, 'message.send', { messageId: newId(), text: 'See these.', attachments }, stamp())
}

/** An agent's message, as the runner saw it. */
export function agentMessage(
  workspaceId: string,
  sessionId: string,
  text: string,
  producer: { id: string; epoch: number; seq: number },
): DraftEvent {
  const address = { log: workspaceLog(workspaceId), stream: sessionStream(sessionId) }
  const data = { messageId: newId(), kind: 'agent' as const, text, completeness: 'whole' as const }
  const event = makeObservation(address, 'message.added', data, {
    ...stamp(),
    actor: { kind: 'agent', id: 'script' },
    causationId: 'turn',
    correlationId: 'turn',
  })
  return { ...event, producer }
}
