import type { Writable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { OLDEST_PROTOCOL_VERSION, type FromServer } from '@coppice/protocol'
import { WebSocket } from 'ws'
import { LIMITS } from '../limits.ts'
import type { Metrics } from '../metrics/metrics.ts'

/** How often a full socket is looked at again, milliseconds. */
const DRAIN_CHECK_MS = 25

/** The far end of a WebSocket, with what the server owes it. */
export class Peer {
  /** The version of the wire that both ends use, once hello was said. */
  version = OLDEST_PROTOCOL_VERSION
  readonly #socket: WebSocket
  readonly #stream: Writable
  readonly #metrics: Metrics | undefined
  #corked = false
  /** One look at the socket for all who wait for it. */
  #draining: Promise<void> | undefined

  /** @param stream what the WebSocket writes to. */
  constructor(socket: WebSocket, stream: Writable, metrics?: Metrics) {
    this.#socket = socket
    this.#metrics = metrics
    this.#stream = stream
  }

  get open(): boolean {
    return this.#socket.readyState === WebSocket.OPEN
  }

  /** More is waiting in the socket than the peer takes: what can be fetched later must wait. */
  get congested(): boolean {
    return this.#socket.bufferedAmount > LIMITS.socketBytes
  }

  /** Bytes that wait in the socket. */
  get buffered(): number {
    return this.#socket.bufferedAmount
  }

  /** Settles when the socket has drained or is gone. */
  drained(): Promise<void> {
    this.#draining ??= this.#drain().finally(() => (this.#draining = undefined))
    return this.#draining
  }

  async #drain(): Promise<void> {
    while (this.open && this.#socket.bufferedAmount > LIMITS.socketBytes / 4) await pause(DRAIN_CHECK_MS)
  }

  send(message: FromServer): void {
    this.sendFrame(JSON.stringify(message))
  }

  /** Sends a message that is JSON already; the same buffer may go to many. */
  sendFrame(frame: string | Buffer): void {
    if (!this.open) return
    if (this.#socket.bufferedAmount > LIMITS.stuckSocketBytes) return this.end()
    if (this.#metrics) this.#metrics.sentBytes += frame.length
    this.#cork()
    this.#socket.send(frame, { binary: false })
  }

  /** All that one turn of the loop sends (a commit's events and its receipts) goes to the kernel in one call. */
  #cork(): void {
    if (this.#corked) return
    this.#corked = true
    this.#stream.cork()
    process.nextTick(() => {
      this.#corked = false
      this.#stream.uncork()
    })
  }

  /** Closes at once: the peer has another connection already, or takes nothing. It comes back and asks for what it lacks. */
  end(): void {
    this.#socket.terminate()
  }

  /** Says why, then closes. */
  refuse(code: FailureCode, message: string): void {
    this.send({ t: 'error', code, message, fatal: true })
    this.#socket.close(CLOSE_CODES[code] ?? 4000, code)
  }
}

type FailureCode = Extract<FromServer, { t: 'error' }>['code']

/** Of use to a browser that closed before it read the reason: with these two it does not simply try again. */
const CLOSE_CODES: Partial<Record<FailureCode, number>> = { unauthorized: 4401, version: 4426, too_large: 1009 }
