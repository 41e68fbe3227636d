import { newId, sessionStream, WORKSPACE_STREAM, workspaceLog } from '@coppice/events'
import { WebSocket } from 'ws'
import type { ServerReady } from './processes.ts'

/** What a load is sent to. */
export type LoadTarget =
  | { readonly kind: 'minimal'; readonly url: string }
  | {
      readonly kind: 'coppice'
      readonly url: string
      readonly token: string
      readonly log: string
      readonly epoch: string
      readonly head: number
      readonly workspaceId: string
      readonly sessionIds: readonly string[]
    }

const SESSIONS = 64

/** Makes a workspace with sessions to send commands to. */
export async function prepareCoppice({ url, ownerToken: token, runnerId }: ServerReady): Promise<LoadTarget> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/sync`, { headers: { authorization: `Bearer ${token}` } })
  await new Promise((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
  })
  const frames: {
    t: string
    commandId?: string
    logs?: { log: string; epoch: string; head: number }[]
    result?: unknown
  }[] = []
  socket.on('message', (data) => frames.push(JSON.parse(String(data))))
  socket.send(
    JSON.stringify({ t: 'hello', version: 1, oldest: 1, role: 'client', clientId: newId(), appVersion: 'bench' }),
  )
  const workspaceId = newId()
  const log = workspaceLog(workspaceId)
  const sessionIds = Array.from({ length: SESSIONS }, () => newId())
  const base = { log, occurredAt: Date.now(), correlationId: 'bench' }
  const source = { kind: 'sample' }
  const commands = [
    {
      ...base,
      id: newId(),
      stream: WORKSPACE_STREAM,
      type: 'workspace.create',
      data: { workspaceId, name: 'Bench', source, runnerId, creatorName: 'Bench' },
    },
    ...sessionIds.map((sessionId) => ({
      ...base,
      id: newId(),
      stream: sessionStream(sessionId),
      type: 'session.create',
      data: {
        sessionId,
        workspaceId,
        mode: 'chat',
        provider: 'script',
        model: 'default',
        baseBranch: 'main',
        stepMode: 'auto',
      },
    })),
  ]
  socket.send(JSON.stringify({ t: 'push', commands }))
  while (frames.filter((frame) => frame.t === 'receipt').length < commands.length)
    await new Promise((resolve) => setTimeout(resolve, 10))
  const refused = frames.find((frame) => frame.t === 'receipt' && JSON.stringify(frame.result).includes('refused'))
  if (refused) throw new Error(`the load could not be prepared: ${JSON.stringify(refused)}`)
  await new Promise((resolve) => setTimeout(resolve, 200))
  const access = frames.filter((frame) => frame.t === 'access' || frame.t === 'welcome').at(-1)
  const epoch = access?.logs?.find((one) => one.log === log)?.epoch
  socket.terminate()
  if (epoch === undefined) throw new Error('the new workspace was not announced')
  return { kind: 'coppice', url, token, log, epoch, head: commands.length + 1, workspaceId, sessionIds }
}

/** A name as people give them, and as long as a short message. */
export const LOAD_NAME = 'Teach the parser to keep comments where they stand, and say which ones it could not keep '

/** The n-th command of a load, as JSON: the same text for both servers. */
export function commandText(target: LoadTarget, id: string, n: number): string {
  const sessionId =
    target.kind === 'coppice'
      ? target.sessionIds[n % target.sessionIds.length]
      : `01a1fffc-4457-745c-9c22-610e0${String(n % SESSIONS).padStart(7, '0')}`
  const workspaceId = target.kind === 'coppice' ? target.workspaceId : '01a1fffc-4457-745c-9c22-610e088be20b'
  return JSON.stringify({
    id,
    log: `workspace:${workspaceId}`,
    stream: `session/${sessionId}`,
    type: 'session.rename',
    data: { name: LOAD_NAME + n },
    occurredAt: Date.now(),
    correlationId: id,
  })
}
