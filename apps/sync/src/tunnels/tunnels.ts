import { randomUUID } from 'node:crypto'
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { sessionStream, type LogId } from '@coppice/events'
import { TUNNEL_GO, tunnelAnswerSchema, type TunnelTarget } from '@coppice/protocol'
import { WebSocketServer, type WebSocket } from 'ws'
import type { SyncRoom } from '../connection/sync-room.ts'
import { headersOf, turnAway } from '../connection/upgrade.ts'
import { LIMITS } from '../limits.ts'
import type { Identify } from '../sign-in/identify.ts'

const TUNNEL_PATH = '/tunnels/'

/** A tunnel could not be opened; the message is for the person who wanted it. */
export class TunnelRefused extends Error {
  override readonly name = 'TunnelRefused'
}

interface Waiting {
  readonly runnerId: string
  readonly timer: NodeJS.Timeout
  opened(socket: WebSocket): void
}

/**
 * Ways from this server to what a runner has: a terminal, a port. A runner connects to us and never we to it; so it is asked
 * to open a WebSocket at `/tunnels/<id>`, and whoever waits for that id gets it.
 */
export class Tunnels {
  readonly #sockets = new WebSocketServer({
    noServer: true,
    maxPayload: LIMITS.tunnelFrameBytes,
    perMessageDeflate: false,
  })
  readonly #waiting = new Map<string, Waiting>()
  readonly #open = new Map<WebSocket, string>()
  readonly #room: SyncRoom
  readonly #identify: Identify

  constructor(server: Server, room: SyncRoom, identify: Identify) {
    this.#room = room
    this.#identify = identify
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      const path = new URL(request.url ?? '/', 'http://server').pathname
      if (!path.startsWith(TUNNEL_PATH)) return
      this.#upgrade(path.slice(TUNNEL_PATH.length), request, socket, head).catch((error: unknown) => {
        room.report(error)
        socket.destroy()
      })
    })
  }

  /**
   * Opens a tunnel to the runner that has a session. Nothing comes from it until {@link beginTunnel} was called.
   * @throws {TunnelRefused} where the runner is away, or has no such thing
   */
  async open(log: LogId, target: TunnelTarget): Promise<WebSocket> {
    const runnerId = await this.#room.holderOf(log, sessionStream(target.sessionId))
    const runner = runnerId === undefined ? undefined : this.#room.runnerHere(runnerId)
    if (runnerId === undefined || runner === undefined)
      throw new TunnelRefused(
        runnerId !== undefined && this.#room.runnersOnline().includes(runnerId)
          ? 'The runner of this session is connected to another server of this Coppice. Open this from there.'
          : 'The runner of this session is not connected right now. Start it and try again.',
      )
    if ([...this.#open.values()].filter((id) => id === runnerId).length >= LIMITS.tunnelsEach)
      throw new TunnelRefused(`${LIMITS.tunnelsEach} terminals and previews are open to this runner. Close some first.`)
    const id = randomUUID()
    const socket = await new Promise<WebSocket>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id)
        reject(new TunnelRefused('The runner does not answer. Try again.'))
      }, LIMITS.tunnelMs)
      this.#waiting.set(id, { runnerId, timer, opened: resolve })
      runner.peer.send({ t: 'tunnel', id, log, target })
    })
    return answered(socket)
  }

  close(): void {
    for (const socket of this.#open.keys()) socket.terminate()
    this.#sockets.close()
  }

  async #upgrade(id: string, request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    // Until it is handed over, a connection that breaks is only gone.
    socket.on('error', () => socket.destroy())
    const identity = await this.#identify(headersOf(request))
    const waiting = this.#waiting.get(id)
    if (waiting === undefined || identity?.principal.kind !== 'runner' || identity.principal.id !== waiting.runnerId)
      return turnAway(socket, '404 Not Found')
    clearTimeout(waiting.timer)
    this.#waiting.delete(id)
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
      this.#open.set(webSocket, waiting.runnerId)
      webSocket.on('error', () => webSocket.terminate())
      webSocket.once('close', () => this.#open.delete(webSocket))
      waiting.opened(webSocket)
    })
  }
}

/** Listeners are there: the runner may send. */
export const beginTunnel = (tunnel: WebSocket): void => tunnel.send(TUNNEL_GO)

/** Reads the runner's answer, which is the first frame. */
function answered(socket: WebSocket): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const refuse = (message: string): void => {
      clearTimeout(late)
      socket.terminate()
      reject(new TunnelRefused(message))
    }
    const gone = (): void => refuse('The runner went away. Try again when it is back.')
    const late = setTimeout(() => refuse('The runner does not answer. Try again.'), LIMITS.tunnelMs)
    socket.once('close', gone)
    socket.once('message', (data) => {
      socket.off('close', gone)
      const parsed = tunnelAnswerSchema.safeParse(JSON.parse(String(data)))
      if (!parsed.success) return refuse('The runner answered with something this server does not understand.')
      if (!parsed.data.ok) return refuse(parsed.data.message)
      clearTimeout(late)
      resolve(socket)
    })
  })
}
