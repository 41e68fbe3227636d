import {
  attachedTo,
  isRefusal,
  roleMaySend,
  senderOf,
  type Actor,
  type LogId,
  type RecordedEvent,
} from '@coppice/events'
import { MemoryLog } from '@coppice/events/testing'
import { fromClientSchema, parseFrame, type FromClient, type FromServer } from '@coppice/protocol'
import type { BlobTransport } from '../blobs/blob-transport.ts'
import type { Socket } from '../connection.ts'

const EPOCH = 'epoch-1'

/** One end of a connection to a {@link MemoryServer}; messages travel when the test lets them. */
class MemorySocket implements Socket {
  onopen: ((event: never) => void) | null = null
  onclose: ((event: never) => void) | null = null
  onmessage: ((event: never) => void) | null = null
  onerror: ((event: never) => void) | null = null
  closed = false
  readonly #toServer: (text: string) => void

  constructor(toServer: (text: string) => void) {
    this.#toServer = toServer
  }

  send(text: string): void {
    if (!this.closed) this.#toServer(text)
  }

  close(): void {
    this.closed = true
  }
}

interface Peer {
  readonly socket: MemorySocket
  readonly userId: string
  readonly cursors: Map<string, number>
}

/**
 * The server's side of the protocol over one log in memory, with the real deciders: for testing replicas under cuts,
 * repeats and delays. What the real server must do is tested on the real server.
 */
export class MemoryServer {
  readonly log = new MemoryLog()
  readonly logId: LogId
  /** Receipts and events are lost on their way while this is set: the connection dies before they arrive. */
  swallow = false
  reachable = true
  pushes = 0
  /** Files that it has, by their SHA-256. Commands that name others are not decided. */
  readonly blobs = new Set<string>()
  /** How often a file was sent, and how often a command came before its file. */
  uploads = 0
  early = 0
  readonly #peers = new Set<Peer>()

  constructor(logId: LogId) {
    this.logId = logId
  }

  connect(userId: string): Socket {
    const socket = new MemorySocket((text) => queueMicrotask(() => this.#receive(peer, text)))
    const peer: Peer = { socket, userId, cursors: new Map() }
    setTimeout(() => {
      if (!this.reachable) this.#hangUp(peer)
      else socket.onopen?.({} as never)
    }, 0)
    this.#peers.add(peer)
    return socket
  }

  /** How files come here. `works` is asked each time: false is a request that fails. */
  transport(works: () => boolean = () => this.reachable): BlobTransport {
    const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0))
    return {
      has: async (_workspaceId, sha256) => {
        await soon()
        return works() ? (this.blobs.has(sha256) ? 'there' : 'absent') : 'later'
      },
      put: async (_workspaceId, sha256) => {
        await soon()
        if (!works()) return { kind: 'later' }
        this.uploads += 1
        this.blobs.add(sha256)
        return { kind: 'there' }
      },
    }
  }

  /** Cuts every connection. */
  cut(): void {
    for (const peer of this.#peers) this.#hangUp(peer)
  }

  /** Appends what a runner saw, and tells subscribers. */
  observe(event: Parameters<MemoryLog['observe']>[0]): void {
    const recorded = this.log.observe(event)
    if (isRefusal(recorded)) throw new Error(recorded.message)
    this.#fanOut()
  }

  #hangUp(peer: Peer): void {
    this.#peers.delete(peer)
    if (peer.socket.closed) return
    peer.socket.closed = true
    peer.socket.onclose?.({ code: 1006, reason: '' } as never)
  }

  #send(peer: Peer, message: FromServer): void {
    if (this.swallow || peer.socket.closed) return
    const text = JSON.stringify(message)
    queueMicrotask(() => {
      if (!peer.socket.closed) peer.socket.onmessage?.({ data: text } as never)
    })
  }

  #receive(peer: Peer, text: string): void {
    const frame = parseFrame(fromClientSchema, text)
    if (!frame.ok) throw new Error(frame.problem)
    if (peer.socket.closed) return
    this.#handle(peer, frame.message)
  }

  #handle(peer: Peer, message: FromClient): void {
    const head = this.log.events.length
    if (message.t === 'hello') {
      this.#send(peer, {
        t: 'welcome',
        version: 1,
        serverVersion: 'test',
        serverTime: 0,
        principal: { kind: 'user', id: peer.userId, name: peer.userId },
        logs: [{ log: this.logId, epoch: EPOCH, head, role: 'member' }],
        runnersOnline: [],
      })
    } else if (message.t === 'subscribe') {
      peer.cursors.set(message.log, message.position)
      this.#deliver(peer)
    } else if (message.t === 'push') {
      for (const command of message.commands) this.#decide(peer, command)
    } else if (message.t === 'ping') {
      this.#send(peer, { t: 'pong', n: message.n })
    }
  }

  #decide(peer: Peer, command: Extract<FromClient, { t: 'push' }>['commands'][number]): void {
    this.pushes += 1
    const actor: Actor = { kind: 'user', id: peer.userId }
    const before = this.log.events.length
    const missing = attachedTo(command).find(({ sha256 }) => !this.blobs.has(sha256))
    if (missing) {
      this.early += 1
      const refusal = { code: 'blob_missing' as const, message: `The file ${missing.name} is not here.` }
      this.#send(peer, { t: 'receipt', commandId: command.id, log: command.log, result: { kind: 'refused', refusal } })
      return
    }
    const answer =
      senderOf(command.type) !== undefined && roleMaySend('member', command.type)
        ? this.log.push(command, actor)
        : { code: 'forbidden' as const, message: 'Members cannot do this.' }
    if (isRefusal(answer)) {
      this.#send(peer, {
        t: 'receipt',
        commandId: command.id,
        log: command.log,
        result: { kind: 'refused', refusal: answer },
      })
      return
    }
    const from = answer[0]?.position ?? before + 1
    this.#send(peer, {
      t: 'receipt',
      commandId: command.id,
      log: command.log,
      result: { kind: 'accepted', from, to: answer.at(-1)?.position ?? before },
    })
    this.#fanOut()
  }

  #fanOut(): void {
    for (const peer of this.#peers) this.#deliver(peer)
  }

  #deliver(peer: Peer): void {
    const from = peer.cursors.get(this.logId)
    const head = this.log.events.length
    if (from === undefined || from >= head) return
    const events: RecordedEvent[] = this.log.events.slice(from)
    peer.cursors.set(this.logId, head)
    this.#send(peer, { t: 'events', log: this.logId, epoch: EPOCH, from, to: head, head, events })
  }
}
