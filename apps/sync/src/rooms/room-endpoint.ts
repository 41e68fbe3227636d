import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import type { Directory } from '../access/directory.ts'
import { headersOf, turnAway } from '../connection/upgrade.ts'
import { LIMITS } from '../limits.ts'
import type { Identify } from '../sign-in/identify.ts'
import { isSameOrigin } from '../sign-in/same-origin.ts'
import { roomRight, workspaceOfRoom } from './room-access.ts'
import { CLOSE, RoomConnection } from './room-connection.ts'
import type { Rooms } from './rooms.ts'

export const ROOM_PATH = '/yjs/'
/** Every so many heartbeats the sign-in of each connection is looked up again. */
const RECHECK_EVERY = 5

interface Visit {
  readonly headers: Headers
  connection: RoomConnection | undefined
  alive: boolean
}

/** WebSockets at `/yjs/<room>`: signed-in members of the room's workspace come in, and go when they no longer are. */
export class RoomEndpoint {
  readonly #sockets = new WebSocketServer({
    noServer: true,
    maxPayload: LIMITS.roomFrameBytes,
    perMessageDeflate: false,
  })
  readonly #visits = new Map<WebSocket, Visit>()
  readonly #rooms: Rooms
  readonly #directory: Directory
  readonly #identify: Identify
  readonly #readOn: () => Promise<void>
  readonly #report: (error: unknown) => void
  readonly #heart: NodeJS.Timeout
  #beats = 0

  constructor(
    server: Server,
    parts: {
      rooms: Rooms
      directory: Directory
      identify: Identify
      /** Reads what other servers have written up to now. */
      readOn: () => Promise<void>
      report: (error: unknown) => void
    },
  ) {
    this.#rooms = parts.rooms
    this.#directory = parts.directory
    this.#identify = parts.identify
    this.#readOn = parts.readOn
    this.#report = parts.report
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      const path = new URL(request.url ?? '/', 'http://server').pathname
      if (path.startsWith(ROOM_PATH)) this.#upgrade(path.slice(ROOM_PATH.length), request, socket, head)
    })
    this.#heart = setInterval(() => this.#beat(), LIMITS.heartbeatMs)
    this.#heart.unref()
  }

  /** Somebody's membership has changed: who is no longer a member goes. */
  accessChanged(): void {
    for (const { connection } of this.#visits.values()) connection?.recheck()
  }

  /** Looks up every connection's sign-in again, and ends those that have none any more. */
  recheck(): void {
    for (const [socket, { headers }] of this.#visits) {
      this.#identify(headers)
        .then((identity) => identity ?? socket.close(CLOSE.unauthorized, 'Your sign-in has ended.'))
        .catch(this.#report)
    }
  }

  /** Tells all that the server stops; settles when what they sent is on disk. */
  async close(): Promise<void> {
    clearInterval(this.#heart)
    for (const socket of this.#visits.keys()) socket.close(1012, 'The server is being stopped.')
    this.#sockets.close()
    await this.#rooms.close()
  }

  terminate(): void {
    for (const socket of this.#visits.keys()) socket.terminate()
  }

  #upgrade(name: string, request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { origin, host } = request.headers
    if (origin !== undefined && !isSameOrigin(origin, host)) return turnAway(socket, '403 Forbidden')
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
      this.#admit(webSocket, decodeURIComponent(name), headersOf(request)).catch((error: unknown) => {
        this.#report(error)
        webSocket.terminate()
      })
    })
  }

  async #admit(socket: WebSocket, name: string, headers: Headers): Promise<void> {
    // ws has closed it by then, with the code for what was wrong with the frame.
    socket.on('error', () => socket.terminate())
    // Nothing is read until we know who it is and the document is loaded; the socket keeps it.
    socket.pause()
    const visit: Visit = { headers, connection: undefined, alive: true }
    this.#visits.set(socket, visit)
    socket.once('close', () => this.#visits.delete(socket))
    const refuse = (code: number, reason: string): void => {
      socket.resume()
      socket.close(code, reason)
    }
    const identity = await this.#identify(headers)
    if (identity === undefined) return refuse(CLOSE.unauthorized, 'Sign in first. What you wrote is kept with you.')
    const { principal } = identity
    const workspaceId = workspaceOfRoom(name)
    const right = (): 'none' | 'read' | 'write' =>
      workspaceId === undefined ? 'none' : roomRight(this.#directory, principal, workspaceId)
    // It may have been made, or joined, through another server just now; the refusal is final.
    if (right() === 'none') await this.#readOn()
    if (right() === 'none') return refuse(CLOSE.notFound, 'There is no such room.')
    const room = await this.#rooms.open(name)
    if (room.guests >= LIMITS.roomGuests) return refuse(1013, `A room holds ${LIMITS.roomGuests} connections.`)
    if (socket.readyState !== socket.OPEN) return this.#rooms.left(room)
    const connection = new RoomConnection(socket, room, principal.id, right)
    visit.connection = connection
    socket.on('pong', () => {
      visit.alive = true
    })
    socket.once('close', () => {
      room.leave(connection)
      this.#rooms.left(room)
    })
    socket.resume()
    // It may have changed while the document was loaded.
    connection.recheck()
  }

  #beat(): void {
    for (const [socket, visit] of this.#visits) {
      if (!visit.alive) {
        socket.terminate()
        continue
      }
      visit.alive = false
      socket.ping()
    }
    this.#beats += 1
    if (this.#beats % RECHECK_EVERY === 0) this.recheck()
  }
}
