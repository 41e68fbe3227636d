import { Readable } from 'node:stream'
import type { WebSocket } from 'ws'
import { beginTunnel } from '../tunnels/tunnels.ts'

/**
 * What comes from a runner through a tunnel, as a stream. One that breaks off fails, so that who reads it does not take a part
 * for the whole; one that nobody reads any more ends the tunnel.
 */
export function downloadFrom(tunnel: WebSocket): Readable {
  const stream = new Readable({
    read: () => tunnel.resume(),
    destroy(error, callback) {
      tunnel.terminate()
      callback(error)
    },
  })
  tunnel.on('message', (data) => {
    if (!stream.push(data as Buffer)) tunnel.pause()
  })
  tunnel.once('close', (code) => {
    if (code === 1000) stream.push(null)
    else stream.destroy(new Error('The runner broke the download off.'))
  })
  beginTunnel(tunnel)
  return stream
}
