import { newId } from '@coppice/events'
import { WebSocket } from 'ws'
import type { LoadTarget } from './load-target.ts'

/** A socket of the load: hello where the server wants one, and every frame handed on as text. */
export async function openLoadSocket(target: LoadTarget, onFrame: (text: string) => void): Promise<WebSocket> {
  const headers = target.kind === 'coppice' ? { authorization: `Bearer ${target.token}` } : {}
  const path = target.kind === 'coppice' ? '/sync' : '/'
  const socket = new WebSocket(target.url.replace('http', 'ws') + path, { headers, perMessageDeflate: false })
  await new Promise((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
  })
  if (target.kind === 'coppice') {
    const welcomed = new Promise((resolve) => socket.once('message', resolve))
    socket.send(
      JSON.stringify({ t: 'hello', version: 1, oldest: 1, role: 'client', clientId: newId(), appVersion: 'bench' }),
    )
    await welcomed
  }
  socket.on('message', (data: Buffer) => onFrame(data.toString('latin1')))
  socket.on('close', () => {
    if (!closing.has(socket)) throw new Error('the server closed a connection of the load')
  })
  return socket
}

const closing = new WeakSet<WebSocket>()

export function closeLoadSocket(socket: WebSocket): void {
  closing.add(socket)
  socket.terminate()
}

export async function openSubscribers(
  target: LoadTarget,
  count: number,
  onFrame: (text: string) => void,
): Promise<WebSocket[]> {
  const sockets: WebSocket[] = []
  for (let n = 0; n < count; n += 1) {
    const socket = await openLoadSocket(target, onFrame)
    socket.send(
      JSON.stringify(
        target.kind === 'coppice'
          ? { t: 'subscribe', log: target.log, epoch: target.epoch, position: target.head }
          : { t: 'subscribe' },
      ),
    )
    sockets.push(socket)
  }
  return sockets
}
