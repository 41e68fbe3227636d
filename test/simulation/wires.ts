import { EventEmitter } from 'node:events'
import type { Socket } from '@coppice/replica'
import type { Scheduler } from './scheduler.ts'

/** The server's end of a connection: what the server uses of a `ws` WebSocket. */
export class ServerEnd extends EventEmitter {
  readyState = 1
  readonly bufferedAmount = 0
  readonly #wire: Wire

  constructor(wire: Wire) {
    super()
    this.#wire = wire
  }

  send(frame: string | Buffer): void {
    if (this.readyState === 1) this.#wire.toClient.push(String(frame))
  }

  close(code = 1000, reason = ''): void {
    if (this.readyState !== 1) return
    this.readyState = 2
    this.#wire.toClient.push({ close: code, reason })
  }

  terminate(): void {
    this.#wire.cut()
  }

  ping(): void {
    this.emit('pong')
  }

  /** The simulated network has no windows: what is not read waits in it anyway. */
  pause(): void {
    return undefined
  }

  resume(): void {
    return undefined
  }
}

/** The other end: what the replica uses of a browser's WebSocket. */
export class ClientEnd implements Socket {
  onopen: ((event: never) => void) | null = null
  onclose: ((event: never) => void) | null = null
  onmessage: ((event: never) => void) | null = null
  onerror: ((event: never) => void) | null = null
  readonly #wire: Wire

  constructor(wire: Wire) {
    this.#wire = wire
  }

  send(text: string): void {
    this.#wire.toServer.push(text)
  }

  close(): void {
    this.#wire.cut('client')
  }
}

type Frame = string | { readonly close: number; readonly reason: string }

/**
 * One connection: two queues, of which messages are taken in order, one at a time, when the scheduler says so. A cut loses
 * all that is on its way, in both directions; the ends learn of it each in its own time.
 */
export class Wire {
  readonly toServer: string[] = []
  readonly toClient: Frame[] = []
  readonly client: ClientEnd
  readonly server: ServerEnd
  #state: 'opening' | 'open' | 'cut' = 'opening'
  #clientTold = false
  #serverTold = false
  readonly #remove: (() => void)[]

  /** @param accept called at the server when the connection arrives there; false if nobody listens. */
  constructor(of: {
    scheduler: Scheduler
    clientActor: string
    serverActor: () => string
    accept: (end: ServerEnd) => boolean
  }) {
    const { scheduler, clientActor, serverActor, accept } = of
    this.client = new ClientEnd(this)
    this.server = new ServerEnd(this)
    this.#remove = [
      scheduler.add({
        ready: () => this.#forServer(serverActor()),
        happen: () => this.#atServer(accept),
      }),
      scheduler.add({ ready: () => this.#forClient(clientActor), happen: () => this.#atClient() }),
    ]
  }

  get open(): boolean {
    return this.#state !== 'cut'
  }

  /** The connection is gone. Who cut it knows; a `silent` client has crashed and will never ask. */
  cut(by?: 'client' | 'silent' | 'server'): void {
    if (this.#state === 'opening') this.#serverTold = true
    this.#state = 'cut'
    this.toServer.length = 0
    this.toClient.length = 0
    if (by === 'client' || by === 'silent') this.#clientTold = true
    if (by === 'server') this.#serverTold = true
    this.server.readyState = 3
    this.#tidy()
  }

  #forServer(actor: string): { actor: string; what: string } | undefined {
    if (this.#state === 'opening') return { actor, what: 'connection' }
    if (this.#state === 'cut') return this.#serverTold ? undefined : { actor, what: 'notices a cut' }
    return this.toServer.length > 0 ? { actor, what: 'message' } : undefined
  }

  #atServer(accept: (end: ServerEnd) => boolean): void {
    if (this.#state === 'cut') {
      this.#serverTold = true
      this.server.emit('close')
      this.#tidy()
    } else if (this.#state === 'opening') {
      if (accept(this.server)) {
        this.#state = 'open'
        this.toClient.push('')
      } else this.cut()
    } else this.server.emit('message', this.toServer.shift() ?? '', false)
  }

  #forClient(actor: string): { actor: string; what: string } | undefined {
    if (this.#state === 'cut') return this.#clientTold ? undefined : { actor, what: 'notices a cut' }
    return this.toClient.length > 0 ? { actor, what: 'message' } : undefined
  }

  #atClient(): void {
    const { client } = this
    if (this.#state === 'cut') {
      this.#clientTold = true
      client.onclose?.({ code: 1006, reason: '' } as never)
      this.#tidy()
      return
    }
    const frame = this.toClient.shift()
    if (frame === '') client.onopen?.({} as never)
    else if (typeof frame === 'string') client.onmessage?.({ data: frame } as never)
    else if (frame) {
      this.cut('client')
      client.onclose?.({ code: frame.close, reason: frame.reason } as never)
    }
  }

  #tidy(): void {
    if (this.#clientTold && this.#serverTold) for (const remove of this.#remove) remove()
  }
}
