import { EventEmitter } from 'node:events'
import type { Socket } from '@coppice/replica'
import type { Scheduler } from './scheduler.ts'

/** The server's end of a connection: what the server uses of a `ws` WebSocket. */
export class ServerEnd extends EventEmitter {
  readyState = 1
  readonly OPEN = 1
  readonly bufferedAmount = 0
  paused = false
  readonly #wire: Wire

  constructor(wire: Wire) {
    super()
    this.#wire = wire
  }

  send(frame: string | Uint8Array, { binary }: { binary: boolean }): void {
    if (this.readyState === 1) this.#wire.toClient.push(binary ? Uint8Array.from(frame as Uint8Array) : String(frame))
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

  /** What is not read waits in the network. */
  pause(): void {
    this.paused = true
  }

  resume(): void {
    this.paused = false
  }
}

/** The other end: what the replica and the stock y-websocket provider use of a browser's WebSocket. */
export class ClientEnd implements Socket {
  onopen: ((event: never) => void) | null = null
  onclose: ((event: never) => void) | null = null
  onmessage: ((event: never) => void) | null = null
  onerror: ((event: never) => void) | null = null
  readyState = 0
  readonly OPEN = 1
  readonly #wire: Wire

  constructor(wire: Wire) {
    this.#wire = wire
  }

  send(frame: string | Uint8Array): void {
    this.#wire.toServer.push(typeof frame === 'string' ? frame : Uint8Array.from(frame))
  }

  close(): void {
    this.#wire.cut('client')
  }
}

type Frame = string | Uint8Array | { readonly close: number; readonly reason: string }

/**
 * One connection: two queues, of which messages are taken in order, one at a time, when the scheduler says so. A cut loses
 * all that is on its way, in both directions; the ends learn of it each in its own time.
 */
export class Wire {
  readonly toServer: (string | Uint8Array)[] = []
  readonly toClient: Frame[] = []
  readonly client: ClientEnd
  readonly server: ServerEnd
  #state: 'opening' | 'open' | 'cut' = 'opening'
  #clientTold = false
  #serverTold = false
  readonly #remove: (() => void)[]
  readonly #held: () => boolean

  /**
   * @param held while true nothing comes through, and nobody learns of it
   * @param accept called at the server when the connection arrives there; false if nobody listens.
   */
  constructor(of: {
    scheduler: Scheduler
    clientActor: string
    serverActor: () => string
    held?: () => boolean
    accept: (end: ServerEnd) => boolean
  }) {
    const { scheduler, clientActor, serverActor, accept, held = () => false } = of
    this.#held = held
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
    this.client.readyState = 3
    if (by === 'client' || by === 'silent') this.#clientTold = true
    if (by === 'server') this.#serverTold = true
    this.server.readyState = 3
    this.#tidy()
  }

  #forServer(actor: string): { actor: string; what: string } | undefined {
    if (this.#state === 'cut') return this.#serverTold ? undefined : { actor, what: 'notices a cut' }
    if (this.#held()) return undefined
    if (this.#state === 'opening') return { actor, what: 'connection' }
    return this.toServer.length > 0 && !this.server.paused ? { actor, what: 'message' } : undefined
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
    } else {
      const frame = this.toServer.shift() ?? ''
      this.server.emit('message', typeof frame === 'string' ? frame : Buffer.from(frame), typeof frame !== 'string')
    }
  }

  #forClient(actor: string): { actor: string; what: string } | undefined {
    if (this.#state === 'cut') return this.#clientTold ? undefined : { actor, what: 'notices a cut' }
    return this.toClient.length > 0 && !this.#held() ? { actor, what: 'message' } : undefined
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
    if (frame === '') {
      client.readyState = 1
      client.onopen?.({} as never)
    } else if (typeof frame === 'string') client.onmessage?.({ data: frame } as never)
    else if (frame instanceof Uint8Array) client.onmessage?.({ data: frame.buffer } as never)
    else if (frame) {
      this.cut('client')
      client.onclose?.({ code: frame.close, reason: frame.reason } as never)
    }
  }

  #tidy(): void {
    if (this.#clientTold && this.#serverTold) for (const remove of this.#remove) remove()
  }
}
