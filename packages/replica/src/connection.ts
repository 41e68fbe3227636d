import {
  fromServerSchema,
  NumberedTexts,
  OLDEST_PROTOCOL_VERSION,
  parseFrame,
  PROTOCOL_VERSION,
  type FromClient,
  type FromServer,
  type Welcome,
} from '@coppice/protocol'

/** The part of a WebSocket that the connection uses; the browser's and Node's both have it. */
export interface Socket {
  send(text: string): void
  close(): void
  onopen: ((event: never) => void) | null
  onclose: ((event: never) => void) | null
  onmessage: ((event: never) => void) | null
  onerror: ((event: never) => void) | null
}

export interface ConnectionOptions {
  readonly connect: () => Socket
  readonly clientId: string
  readonly appVersion: string
  readonly onWelcome: (welcome: Welcome) => void
  readonly onMessage: (message: FromServer) => void
  readonly onDown: (why: Down) => void
  readonly onLatency: (ms: number) => void
}

/** Why there is no connection. `signed_out` and `outdated` are not tried again by themselves. */
export type Down = { readonly kind: 'offline' | 'signed_out' | 'outdated'; readonly message: string }

const FIRST_RETRY_MS = 300
const LONGEST_RETRY_MS = 8_000
const PING_EVERY_MS = 5_000
const PONG_WITHIN_MS = 5_000

/** Keeps one WebSocket to the server alive: hello, pings, and new attempts with growing pauses. */
export class Connection {
  readonly #options: ConnectionOptions
  #socket: Socket | undefined
  #texts = new NumberedTexts()
  #up = false
  #stopped = false
  #retryMs = FIRST_RETRY_MS
  #retry: ReturnType<typeof setTimeout> | undefined
  #pinger: ReturnType<typeof setInterval> | undefined
  #pingN = 0
  #pingSent = 0
  #awaiting = 0

  constructor(options: ConnectionOptions) {
    this.#options = options
  }

  start(): void {
    this.#stopped = false
    this.#open()
  }

  /** Tries at once (the network came back, the page was shown again). */
  retryNow(): void {
    if (this.#stopped || this.#socket) return
    clearTimeout(this.#retry)
    this.#retryMs = FIRST_RETRY_MS
    this.#open()
  }

  /** The network is known to be gone: do not wait for a ping to find out. */
  drop(message: string): void {
    this.#lost({ kind: 'offline', message })
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#retry)
    this.#discard()
  }

  /** Sends if connected; what must not be lost is in the outbox, not here. */
  send(message: FromClient): boolean {
    if (!this.#up || !this.#socket) return false
    this.#socket.send(JSON.stringify(message))
    return true
  }

  #open(): void {
    const socket = this.#options.connect()
    this.#socket = socket
    this.#texts = new NumberedTexts()
    socket.onopen = () => {
      const { clientId, appVersion } = this.#options
      const hello: FromClient = {
        t: 'hello',
        version: PROTOCOL_VERSION,
        oldest: OLDEST_PROTOCOL_VERSION,
        role: 'client',
        clientId,
        appVersion,
      }
      this.#pingSent = performance.now()
      socket.send(JSON.stringify(hello))
    }
    socket.onmessage = (event: { data: unknown }) => {
      if (this.#socket === socket) this.#receive(String(event.data))
    }
    socket.onerror = () => undefined
    socket.onclose = (event: { code: number; reason: string }) => {
      if (this.#socket !== socket) return
      if (event.code === 4401) this.#lost({ kind: 'signed_out', message: event.reason })
      else if (event.code === 4426) this.#lost({ kind: 'outdated', message: event.reason })
      else this.#lost({ kind: 'offline', message: 'The server cannot be reached.' })
    }
  }

  #receive(text: string): void {
    const delta = this.#texts.read(text)
    if (delta) return this.#options.onMessage(delta)
    const frame = parseFrame(fromServerSchema, text)
    if (!frame.ok) {
      console.warn(`A message of the server was not understood: ${frame.problem}`)
      return
    }
    const { message } = frame
    if (message.t === 'welcome') {
      this.#up = true
      this.#retryMs = FIRST_RETRY_MS
      this.#options.onLatency(performance.now() - this.#pingSent)
      this.#pinger = setInterval(() => this.#ping(), PING_EVERY_MS)
      this.#options.onWelcome(message)
    } else if (message.t === 'pong') {
      if (message.n === this.#awaiting) {
        this.#awaiting = 0
        this.#options.onLatency(performance.now() - this.#pingSent)
      }
    } else if (message.t === 'error' && (message.code === 'version' || message.code === 'unauthorized')) {
      this.#lost({ kind: message.code === 'version' ? 'outdated' : 'signed_out', message: message.message })
    } else {
      if (message.t === 'live') this.#texts.note(message)
      this.#options.onMessage(message)
    }
  }

  #ping(): void {
    if (this.#awaiting !== 0) {
      if (performance.now() - this.#pingSent > PONG_WITHIN_MS)
        this.#lost({ kind: 'offline', message: 'The server does not answer.' })
      return
    }
    this.#pingN += 1
    this.#awaiting = this.#pingN
    this.#pingSent = performance.now()
    this.send({ t: 'ping', n: this.#pingN })
  }

  #lost(why: Down): void {
    this.#discard()
    this.#options.onDown(why)
    if (this.#stopped || why.kind !== 'offline') return
    clearTimeout(this.#retry)
    this.#retry = setTimeout(() => this.#open(), this.#retryMs * (0.7 + Math.random() * 0.6))
    this.#retryMs = Math.min(this.#retryMs * 2, LONGEST_RETRY_MS)
  }

  #discard(): void {
    const socket = this.#socket
    this.#socket = undefined
    this.#up = false
    this.#awaiting = 0
    clearInterval(this.#pinger)
    if (!socket) return
    socket.onopen = socket.onclose = socket.onmessage = null
    socket.onerror = () => undefined
    socket.close()
  }
}
