import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import { LIMITS } from '../limits.ts'
import type { Identify } from '../sign-in/identify.ts'
import { isSameOrigin } from '../sign-in/same-origin.ts'
import { Connection } from './connection.ts'
import { Peer } from './peer.ts'
import type { SyncRoom } from './sync-room.ts'
import { headersOf, turnAway } from './upgrade.ts'

/** Every so many heartbeats the sign-in of each connection is looked up again. */
const RECHECK_EVERY = 5

const OTHER_ENDPOINTS = ['/yjs/', '/terminals/', '/tunnels/']

interface Guest {
  readonly connection: Connection
  readonly headers: Headers
  alive: boolean
}

/** The WebSocket at `/sync`: lets signed-in peers in, notices those who have gone, and sends away those whose sign-in ended. */
export class SyncEndpoint {
  readonly #sockets = new WebSocketServer({
    noServer: true,
    maxPayload: 2 * LIMITS.frameBytes,
    perMessageDeflate: false,
  })
  readonly #guests = new Map<WebSocket, Guest>()
  readonly #room: SyncRoom
  readonly #identify: Identify
  readonly #heart: NodeJS.Timeout
  readonly #renewals: NodeJS.Timeout
  #beats = 0

  constructor(server: Server, room: SyncRoom, identify: Identify) {
    this.#room = room
    this.#identify = identify
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) =>
      this.#upgrade(request, socket, head),
    )
    this.#heart = setInterval(() => this.#beat(), LIMITS.heartbeatMs)
    this.#heart.unref()
    this.#renewals = setInterval(() => room.endSilentRunners(), LIMITS.leaseRenewMs)
    this.#renewals.unref()
  }

  /** Looks up every connection's sign-in again, and ends those that have none any more. */
  recheck(): void {
    for (const guest of this.#guests.values()) {
      this.#recheck(guest).catch((error: unknown) => this.#room.report(error))
    }
  }

  async #recheck({ connection, headers }: Guest): Promise<void> {
    if ((await this.#identify(headers)) !== undefined) return
    connection.peer.refuse('unauthorized', 'Your sign-in has ended. Sign in again; what waits in the outbox is kept.')
  }

  /** Tells every peer that the server stops, and closes. */
  close(): void {
    clearInterval(this.#heart)
    clearInterval(this.#renewals)
    for (const { connection } of this.#guests.values())
      connection.peer.refuse(
        'shutting_down',
        'The server is being stopped. Everything goes on by itself when it is back.',
      )
    this.#sockets.close()
  }

  /** Ends what has not closed by itself. */
  terminate(): void {
    for (const socket of this.#guests.keys()) socket.terminate()
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const path = new URL(request.url ?? '/', 'http://server').pathname
    // These have endpoints of their own.
    if (OTHER_ENDPOINTS.some((one) => path.startsWith(one))) return
    const { origin, host } = request.headers
    if (path !== '/sync') return turnAway(socket, '404 Not Found')
    // A foreign page's script could open a socket here and the browser would send the cookie along.
    if (origin !== undefined && !isSameOrigin(origin, host)) return turnAway(socket, '403 Forbidden')
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
      this.#admit(webSocket, socket, headersOf(request)).catch((error: unknown) => {
        this.#room.report(error)
        webSocket.resume()
        new Peer(webSocket, socket).refuse(
          'internal',
          'The server could not look up your sign-in. Try again in a moment.',
        )
      })
    })
  }

  async #admit(socket: WebSocket, stream: Duplex, headers: Headers): Promise<void> {
    socket.on('error', (error) => this.#explain(socket, error))
    // Nothing is read until we know who it is; the socket keeps it.
    socket.pause()
    const identity = await this.#identify(headers)
    if (identity === undefined) {
      socket.resume()
      return new Peer(socket, stream).refuse('unauthorized', 'Sign in first. What waits in the outbox is kept.')
    }
    const connection = new Connection(
      socket,
      new Peer(socket, stream, this.#room.metrics),
      identity.principal,
      this.#room,
    )
    const guest: Guest = { connection, headers, alive: true }
    this.#guests.set(socket, guest)
    this.#room.join(connection)
    socket.on('pong', () => {
      guest.alive = true
    })
    socket.once('close', () => this.#guests.delete(socket))
    socket.resume()
  }

  /** A frame past the limit ends the connection in ws; the peer is told which limit. */
  #explain(socket: WebSocket, error: Error): void {
    if ('code' in error && error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH')
      socket.close(1009, `a frame has at most ${LIMITS.frameBytes / 1024 / 1024} MiB`)
  }

  #beat(): void {
    for (const [socket, guest] of this.#guests) {
      if (!guest.alive) {
        socket.terminate()
        continue
      }
      guest.alive = false
      socket.ping()
    }
    this.#beats += 1
    if (this.#beats % RECHECK_EVERY === 0) this.recheck()
  }
}
