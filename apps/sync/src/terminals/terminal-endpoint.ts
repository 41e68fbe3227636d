import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { atLeast, idSchema, workspaceLog, type LogId } from '@coppice/events'
import { TERMINAL_CLOSED } from '@coppice/protocol'
import { WebSocketServer, type WebSocket } from 'ws'
import type { Directory } from '../access/directory.ts'
import { headersOf, turnAway } from '../connection/upgrade.ts'
import { LIMITS } from '../limits.ts'
import type { Principal } from '../principal.ts'
import type { Identify } from '../sign-in/identify.ts'
import { isSameOrigin } from '../sign-in/same-origin.ts'
import { TunnelRefused, type Tunnels } from '../tunnels/tunnels.ts'
import { joinSockets } from './join-sockets.ts'

const TERMINAL_PATH = '/terminals/'

interface Viewer {
  readonly headers: Headers
  /** What they may do now: type, look on, or nothing. */
  right(): Right
  readonly had: Right
}
type Right = 'write' | 'read' | 'none'

/** WebSockets at `/terminals/<workspace>/<session>/<run>`: members type into a session's terminal, viewers look on (TR-6). */
export class TerminalEndpoint {
  readonly #sockets = new WebSocketServer({
    noServer: true,
    maxPayload: LIMITS.terminalFrameBytes,
    perMessageDeflate: false,
  })
  readonly #viewers = new Map<WebSocket, Viewer>()
  readonly #tunnels: Tunnels
  readonly #directory: Directory
  readonly #identify: Identify
  readonly #report: (error: unknown) => void

  constructor(
    server: Server,
    parts: { tunnels: Tunnels; directory: Directory; identify: Identify; report: (error: unknown) => void },
  ) {
    this.#tunnels = parts.tunnels
    this.#directory = parts.directory
    this.#identify = parts.identify
    this.#report = parts.report
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      const path = new URL(request.url ?? '/', 'http://server').pathname
      if (path.startsWith(TERMINAL_PATH)) this.#upgrade(path.slice(TERMINAL_PATH.length), request, socket, head)
    })
  }

  /** Somebody's role has changed: who may do less than before goes, and comes back as what they are. */
  accessChanged(): void {
    for (const [socket, viewer] of this.#viewers)
      if (viewer.right() !== viewer.had) socket.close(TERMINAL_CLOSED.forbidden, 'What you may do here has changed.')
  }

  /** Looks up every viewer's sign-in again, and ends those that have none any more. */
  recheck(): void {
    for (const [socket, { headers }] of this.#viewers)
      this.#identify(headers)
        .then((identity) => identity ?? socket.close(TERMINAL_CLOSED.unauthorized, 'Your sign-in has ended.'))
        .catch(this.#report)
  }

  close(): void {
    for (const socket of this.#viewers.keys()) socket.close(1012, 'The server is being stopped.')
    this.#sockets.close()
  }

  terminate(): void {
    for (const socket of this.#viewers.keys()) socket.terminate()
  }

  #upgrade(path: string, request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { origin, host } = request.headers
    if (origin !== undefined && !isSameOrigin(origin, host)) return turnAway(socket, '403 Forbidden')
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.on('error', () => webSocket.terminate())
      this.#admit(webSocket, path, headersOf(request)).catch((error: unknown) => {
        if (!(error instanceof TunnelRefused)) this.#report(error)
        webSocket.resume()
        const why = error instanceof TunnelRefused ? error.message : 'Something went wrong on the server. Try again.'
        // A reason has at most 123 bytes.
        webSocket.close(error instanceof TunnelRefused ? TERMINAL_CLOSED.gone : 1011, why.slice(0, 120))
      })
    })
  }

  async #admit(socket: WebSocket, path: string, headers: Headers): Promise<void> {
    socket.pause()
    const [workspaceId = '', sessionId = '', runId = '', ...more] = path.split('/')
    const identity = await this.#identify(headers)
    const refuse = (code: number, why: string): void => {
      socket.resume()
      socket.close(code, why)
    }
    if (identity?.principal.kind !== 'user') return refuse(TERMINAL_CLOSED.unauthorized, 'Sign in first.')
    const good = more.length === 0 && [workspaceId, sessionId, runId].every((id) => idSchema.safeParse(id).success)
    const log = workspaceLog(workspaceId)
    const right = (): Right => rightOf(this.#directory, identity.principal, log)
    const had = right()
    if (!good || had === 'none') return refuse(TERMINAL_CLOSED.gone, 'There is no such terminal.')
    if (this.#viewers.size >= LIMITS.terminalViewers)
      return refuse(1013, `At most ${LIMITS.terminalViewers} people look at terminals at a time.`)
    this.#viewers.set(socket, { headers, right, had })
    socket.once('close', () => this.#viewers.delete(socket))
    const tunnel = await this.#tunnels.open(log, { kind: 'terminal', sessionId, runId, write: had === 'write' })
    // It may have changed, and they may have gone, while the runner was asked.
    if (right() !== had || socket.readyState !== socket.OPEN) {
      tunnel.terminate()
      return refuse(TERMINAL_CLOSED.forbidden, 'What you may do here has changed.')
    }
    joinSockets(socket, tunnel, had === 'write')
  }
}

function rightOf(directory: Directory, principal: Principal, log: LogId): Right {
  if (!directory.isWorkspace(log) || !directory.mayRead(principal, log)) return 'none'
  const role = directory.roleIn(principal, log)
  return role !== undefined && atLeast(role, 'member') ? 'write' : 'read'
}
