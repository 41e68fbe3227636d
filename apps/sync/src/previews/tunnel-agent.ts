import http from 'node:http'
import { PassThrough, type Duplex } from 'node:stream'
import { workspaceLog } from '@coppice/events'
import { createWebSocketStream } from 'ws'
import { beginTunnel, type Tunnels } from '../tunnels/tunnels.ts'
import type { Preview } from './previews.ts'

/** A connection to a preview's port, through a tunnel to its runner. */
export async function connectTo(tunnels: Tunnels, { workspaceId, sessionId, port }: Preview): Promise<Duplex> {
  const tunnel = await tunnels.open(workspaceLog(workspaceId), { kind: 'port', sessionId, port })
  const stream = createWebSocketStream(tunnel)
  beginTunnel(tunnel)
  // What Node asks of a socket beside reading and writing; a tunnel has none of it.
  const nothing = (): Duplex => stream
  return Object.assign(stream, {
    setKeepAlive: nothing,
    setNoDelay: nothing,
    setTimeout: nothing,
    ref: nothing,
    unref: nothing,
  })
}

/** Keeps a few connections to one preview's port open between requests. */
export class TunnelAgent extends http.Agent {
  readonly #connect: () => Promise<Duplex>

  constructor(connect: () => Promise<Duplex>) {
    super({ keepAlive: true, maxSockets: 16, maxFreeSockets: 4 })
    this.#connect = connect
  }

  override createConnection(
    _options: http.ClientRequestArgs,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    if (callback) void this.#hand(callback)
    return undefined
  }

  async #hand(callback: (error: Error | null, stream: Duplex) => void): Promise<void> {
    let stream: Duplex
    try {
      stream = await this.#connect()
    } catch (error) {
      // Node takes the error first, and does not look at the stream.
      return callback(error instanceof Error ? error : new Error(String(error)), new PassThrough())
    }
    callback(null, stream)
  }
}
