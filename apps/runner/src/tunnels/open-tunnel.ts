import type { FromServer } from '@coppice/protocol'
import { WebSocket } from 'ws'
import type { RunnerToken } from '../connection/server-link.ts'

/** What a tunnel leads to: takes the tunnel when the server is ready for what comes from it. */
export type TunnelEnd = (tunnel: WebSocket) => void

const dialMs = 10_000
const mostFrame = 1024 * 1024

/**
 * Opens a tunnel that the server asked for.
 * @param find what it leads to; throws with words for a person where that is not there
 */
export async function openTunnel(
  server: string,
  token: RunnerToken,
  { id, target }: Extract<FromServer, { t: 'tunnel' }>,
  find: (target: Extract<FromServer, { t: 'tunnel' }>['target']) => TunnelEnd | Promise<TunnelEnd>,
): Promise<void> {
  const url = new URL(`/tunnels/${id}`, server)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  const socket = new WebSocket(url, {
    headers: { authorization: `Bearer ${token.read()}` },
    handshakeTimeout: dialMs,
    maxPayload: mostFrame,
    perMessageDeflate: false,
  })
  // What became of it is told by its close.
  socket.on('error', () => socket.terminate())
  const opened = new Promise<boolean>((resolve) => {
    socket.once('open', () => resolve(true))
    socket.once('close', () => resolve(false))
  })
  let end: TunnelEnd
  try {
    end = await find(target)
  } catch (error) {
    if (!(await opened)) return
    const message = (error instanceof Error ? error.message : String(error)).slice(0, 1_000)
    socket.send(JSON.stringify({ ok: false, message }))
    return socket.close()
  }
  if (!(await opened)) return
  socket.once('message', () => end(socket))
  socket.send(JSON.stringify({ ok: true }))
}
