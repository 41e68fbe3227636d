import net from 'node:net'
import { createWebSocketStream } from 'ws'
import { sessionMarker } from '../processes/process-environment.ts'
import type { TunnelEnd } from '../tunnels/open-tunnel.ts'
import { listeningPorts } from './listening-ports.ts'

const connectMs = 10_000

/**
 * A tunnel's end at a port. Only ports of the session's own processes are passed on: else a member could reach everything that
 * listens on the runner's machine.
 * @throws with words for a person where the session has no such port
 */
export async function portTunnel(sessionId: string, port: number): Promise<TunnelEnd> {
  const ports = await listeningPorts([sessionMarker, sessionId])
  const found = ports.find((one) => one.port === port)
  if (!found) throw new Error(`Nothing of this session listens on port ${port} any more. Start it again.`)
  const socket = net.connect({ host: found.host, port, timeout: connectMs })
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('timeout', () => reject(new Error(`Port ${port} does not answer.`)))
    socket.once('error', (error) => reject(new Error(`Port ${port} does not answer: ${error.message}`)))
  })
  socket.setTimeout(0)
  return (tunnel) => {
    const stream = createWebSocketStream(tunnel)
    // Either end may break; both go then.
    stream.on('error', () => socket.destroy())
    socket.on('error', () => tunnel.terminate())
    socket.once('close', () => tunnel.close())
    stream.once('close', () => socket.destroy())
    stream.pipe(socket)
    socket.pipe(stream)
  }
}
