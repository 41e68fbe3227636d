import * as decoding from 'lib0/decoding'
import { WebSocket } from 'ws'
import { LIMITS } from '../limits.ts'
import { TokenBucket } from '../token-bucket.ts'
import { awarenessFrame, deniedFrame, MESSAGE, SYNC, syncFrame } from './frames.ts'
import type { Guest, Room } from './room.ts'

/** Close codes from 4400 to 4499 say that coming back will not help: y-websocket's provider stops then. */
export const CLOSE = { malformed: 4400, unauthorized: 4401, forbidden: 4403, notFound: 4404, full: 4413 } as const

/** One socket in a room, speaking the y-websocket protocol. What it may do is looked up for every message. */
export class RoomConnection implements Guest {
  readonly principalId: string
  readonly #socket: WebSocket
  readonly #room: Room
  readonly #right: () => 'none' | 'read' | 'write'
  readonly #rate = new TokenBucket(LIMITS.roomMessagesEachSecond, LIMITS.rateSeconds)
  #denied = false

  constructor(socket: WebSocket, room: Room, principalId: string, right: () => 'none' | 'read' | 'write') {
    this.#socket = socket
    this.#room = room
    this.principalId = principalId
    this.#right = right
    socket.on('message', (data: Buffer, isBinary) => this.#receive(data, isBinary))
    room.enter(this)
  }

  /** Ends the connection if its person may not be here any more. */
  recheck(): void {
    if (this.#right() === 'none') this.close(CLOSE.forbidden, 'You are no longer a member of this workspace.')
  }

  send(frame: Uint8Array): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return
    // Whoever does not keep up comes back and asks for what is missing: that is less than all that was said.
    if (this.#socket.bufferedAmount > LIMITS.roomSocketBytes) return this.#socket.terminate()
    this.#socket.send(frame, { binary: true })
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason)
  }

  #receive(data: Buffer, isBinary: boolean): void {
    const right = this.#right()
    if (right === 'none') return this.recheck()
    if (data.length > LIMITS.roomMessageBytes)
      return this.close(CLOSE.full, `An update has at most ${LIMITS.roomMessageBytes / 1024} KiB.`)
    if (!this.#rate.take())
      return this.close(CLOSE.full, `A connection may send ${LIMITS.roomMessagesEachSecond} messages a second.`)
    if (!isBinary) return this.close(CLOSE.malformed, 'Messages of this protocol are binary.')
    try {
      this.#take(data, right)
    } catch {
      // lib0 and Yjs throw all kinds of errors on bytes that mean nothing; which one does not matter.
      this.close(CLOSE.malformed, 'This message was not understood. Nothing of it was kept here.')
    }
  }

  #take(data: Buffer, right: 'read' | 'write'): void {
    const decoder = decoding.createDecoder(data)
    const kind = decoding.readVarUint(decoder)
    if (kind === MESSAGE.awareness) return this.#room.takeAwareness(decoding.readVarUint8Array(decoder), this)
    if (kind === MESSAGE.queryAwareness) {
      const all = this.#room.awareness()
      return all && this.send(awarenessFrame(all))
    }
    if (kind !== MESSAGE.sync) throw new Error(`no message has the kind ${kind}`)
    const step = decoding.readVarUint(decoder)
    const bytes = decoding.readVarUint8Array(decoder)
    if (step === SYNC.step1) return this.send(syncFrame(SYNC.step2, this.#room.missing(bytes)))
    if (step !== SYNC.step2 && step !== SYNC.update) throw new Error(`no sync message has the kind ${step}`)
    if (right === 'read') return this.#deny(bytes)
    if ((step === SYNC.step2 ? this.#room.takeState(bytes) : this.#room.takeUpdate(bytes)) === 'taken') return
    this.close(CLOSE.full, `A document has at most ${LIMITS.roomBytes / 1024 / 1024} MiB.`)
  }

  /** Said once a connection, and not for a state with nothing in it, which every client sends. */
  #deny(update: Uint8Array): void {
    if (this.#denied || update.length <= 2) return
    this.#denied = true
    this.send(deniedFrame('You may look on here, not write. Your changes stay with you.'))
  }
}
