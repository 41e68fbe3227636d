import {
  makeCommand,
  newId,
  sessionStream,
  WORKSPACE_STREAM,
  workspaceLog,
  type Command,
  type LogId,
} from '@coppice/events'
import { once } from 'node:events'
import { WebSocket } from 'ws'
import type { ServerReady } from './processes.ts'

/** Fills a workspace with chat sessions of messages over the WebSocket, the way clients do. At most 100 messages a session. */
export async function fillWorkspace(
  { url, ownerToken, runnerId }: ServerReady,
  sessions: number,
  messagesEach: number,
  text: (message: number) => string,
): Promise<{ log: LogId; sessionIds: readonly string[] }> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/sync`, {
    headers: { authorization: `Bearer ${ownerToken}` },
  })
  await once(socket, 'open')
  let receipts = 0
  socket.on('message', (data) => {
    if (String(data).startsWith('{"t":"receipt"')) receipts += 1
  })
  socket.send(
    JSON.stringify({ t: 'hello', version: 1, oldest: 1, role: 'client', clientId: newId(), appVersion: 'bench' }),
  )
  const workspaceId = newId()
  const log = workspaceLog(workspaceId)
  const stamp = (): { id: string; now: number } => ({ id: newId(), now: Date.now() })
  const commands: Command[] = [
    makeCommand(
      { log, stream: WORKSPACE_STREAM },
      'workspace.create',
      { workspaceId, name: 'bench', source: { kind: 'path', path: '/nowhere' }, runnerId, creatorName: 'Bench' },
      stamp(),
    ),
  ]
  const sessionIds: string[] = []
  for (let s = 0; s < sessions; s += 1) {
    const sessionId = newId()
    sessionIds.push(sessionId)
    const address = { log, stream: sessionStream(sessionId) }
    commands.push(
      makeCommand(
        address,
        'session.create',
        {
          sessionId,
          workspaceId,
          name: `Session ${s}`,
          mode: 'chat',
          provider: 'script',
          model: '',
          baseBranch: 'main',
          stepMode: 'manual',
        },
        stamp(),
      ),
    )
    for (let m = 0; m < messagesEach; m += 1)
      commands.push(
        makeCommand(address, 'message.send', { messageId: newId(), text: text(s * messagesEach + m) }, stamp()),
      )
  }
  for (let at = 0; at < commands.length; at += 100) {
    socket.send(JSON.stringify({ t: 'push', commands: commands.slice(at, at + 100) }))
    while (receipts < Math.min(at + 100, commands.length)) await new Promise((resolve) => setTimeout(resolve, 2))
  }
  socket.close()
  return { log, sessionIds }
}
