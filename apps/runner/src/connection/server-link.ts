import { fromServerSchema, OLDEST_PROTOCOL_VERSION, parseFrame, PROTOCOL_VERSION } from '@coppice/protocol'
import type { FromClient, FromServer, Welcome } from '@coppice/protocol'
import { WebSocket } from 'ws'

/** What the runner hears from its server. */
export type LinkListener = {
  /** @param greetedAt when this runner said hello, by the monotonic clock, ms */
  welcome(welcome: Welcome, greetedAt: number): void
  message(message: FromServer): void
  /** The connection is gone; it is being tried again. */
  down(why: string): void
  /** It must not be tried again: another process took over, the token is not valid, the versions do not fit. */
  refused(why: string): void
}

/** The runner's token; `renewable` where it is read anew for each attempt, from a file that its server rewrites. */
export type RunnerToken = { readonly renewable: boolean; read(): string }

const firstRetryMs = 200
const longestRetryMs = 5_000
const silentMs = 30_000
const appVersion = '0.1.0'

/** One WebSocket to the server, kept alive: hello, heartbeat, and new attempts with growing pauses. */
export class ServerLink {
  readonly #url: string
  readonly #token: RunnerToken
  readonly #clientId: string
  readonly #listener: LinkListener
  #socket: WebSocket | undefined
  #up = false
  #greetedAt = 0
  #stopped = false
  #retryMs = firstRetryMs
  #retry: NodeJS.Timeout | undefined
  #silence: NodeJS.Timeout | undefined

  /**
   * @param server its address as people write it, `http://host:port` or `https://…`.
   * @param token read anew for each attempt: a token in a file may be replaced.
   */
  constructor(server: string, token: RunnerToken, clientId: string, listener: LinkListener) {
    this.#url = syncUrl(server)
    this.#token = token
    this.#clientId = clientId
    this.#listener = listener
  }

  start(): void {
    this.#open()
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#retry)
    clearTimeout(this.#silence)
    this.#up = false
    this.#socket?.close()
  }

  /** Sends if connected. What must not be lost waits in the spool, not here. */
  send(message: FromClient): boolean {
    if (!this.#up || this.#socket?.readyState !== WebSocket.OPEN) return false
    this.#socket.send(JSON.stringify(message))
    return true
  }

  /** Connects anew. The server gives the new connection a new epoch, or says that another process has taken over. */
  greetAgain(): void {
    this.#socket?.terminate()
  }

  #open(): void {
    let token: string
    try {
      token = this.#token.read()
    } catch (error) {
      // Its server may be writing the file anew; at the first start nobody is: then the caller hears of it.
      if (!this.#socket) throw error
      const reason = error instanceof Error ? error.message : String(error)
      return this.#again(`The runner token cannot be read: ${reason}.`)
    }
    const socket = new WebSocket(this.#url, {
      headers: { authorization: `Bearer ${token}` },
      handshakeTimeout: 10_000,
      maxPayload: 64 * 1024 * 1024,
    })
    this.#socket = socket
    let why = 'The server cannot be reached.'
    socket.on('open', () => {
      this.#heard(socket)
      this.#greetedAt = performance.now()
      const range = { version: PROTOCOL_VERSION, oldest: OLDEST_PROTOCOL_VERSION }
      socket.send(
        JSON.stringify({
          t: 'hello',
          ...range,
          role: 'runner',
          clientId: this.#clientId,
          appVersion,
        } satisfies FromClient),
      )
    })
    socket.on('ping', () => this.#heard(socket))
    socket.on('message', (data) => {
      this.#heard(socket)
      this.#receive(String(data))
    })
    socket.on('unexpected-response', (_request, response) => {
      why = `The server answered with status ${response.statusCode}.`
      if (response.statusCode === 401 || response.statusCode === 403) why = this.#unauthorized()
      socket.terminate()
    })
    socket.on('error', (error) => {
      why = `The server cannot be reached: ${error.message}.`
    })
    socket.on('close', (code, reason) => {
      clearTimeout(this.#silence)
      if (this.#socket !== socket || this.#stopped) return
      this.#up = false
      if (code === 4401) why = this.#unauthorized()
      if (this.#stopped) return
      this.#again(String(reason) || why)
    })
  }

  #again(why: string): void {
    this.#listener.down(why)
    this.#retry = setTimeout(() => this.#open(), this.#retryMs * (0.7 + Math.random() * 0.6))
    this.#retryMs = Math.min(this.#retryMs * 2, longestRetryMs)
  }

  #receive(text: string): void {
    const frame = parseFrame(fromServerSchema, text)
    if (!frame.ok) {
      this.#listener.down(`A message of the server was not understood: ${frame.problem}`)
      return
    }
    const { message } = frame
    if (message.t === 'welcome') {
      this.#up = true
      this.#retryMs = firstRetryMs
      this.#listener.welcome(message, this.#greetedAt)
    } else if (message.t === 'error') {
      const final = ['fenced', 'forbidden', 'version'].includes(message.code)
      if (message.code === 'unauthorized') this.#unauthorized()
      else if (final) this.#refuse(message.message)
      else this.#listener.down(message.message)
    } else this.#listener.message(message)
  }

  /** A token from a file may have been replaced, and is read again; any other will never be right. */
  #unauthorized(): string {
    const why = 'The server does not accept this runner token.'
    if (!this.#token.renewable)
      this.#refuse(
        `${why} Make a new one with "coppice token create --kind runner --name NAME" and start the runner with it.`,
      )
    return why
  }

  #refuse(why: string): void {
    if (this.#stopped) return
    this.stop()
    this.#listener.refused(why)
  }

  /** The server pings; a line that is silent for longer is dead, whatever the socket says. */
  #heard(socket: WebSocket): void {
    clearTimeout(this.#silence)
    this.#silence = setTimeout(() => socket.terminate(), silentMs)
  }
}

function syncUrl(server: string): string {
  const url = new URL(server)
  url.protocol = url.protocol === 'https:' || url.protocol === 'wss:' ? 'wss:' : 'ws:'
  url.pathname = '/sync'
  url.search = ''
  return url.href
}
