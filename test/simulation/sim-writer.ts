import * as Y from 'yjs'
import { yjsClientOver, type YjsClient } from '../../apps/sync/src/testing/yjs-client.ts'
import type { Scheduler } from './scheduler.ts'
import type { ClientEnd } from './wires.ts'

/**
 * Somebody who writes in a shared document through the stock y-websocket provider. Their device keeps every change as it is
 * made, as the browser does: a new page begins with all of it, whether the server has it or not.
 */
export class SimWriter {
  readonly actor: string
  readonly room: string
  readonly #scheduler: Scheduler
  readonly #connect: () => ClientEnd
  /** On the device. */
  #kept = Y.encodeStateAsUpdate(new Y.Doc())
  #words = 0
  /** Words that this one put in, and that somebody took out again. */
  readonly put = new Set<string>()
  readonly cut = new Set<string>()
  #page: YjsClient | undefined

  constructor(of: { actor: string; room: string; scheduler: Scheduler; connect: () => ClientEnd }) {
    this.actor = of.actor
    this.room = of.room
    this.#scheduler = of.scheduler
    this.#connect = of.connect
  }

  get running(): boolean {
    return this.#page !== undefined
  }

  /** What is kept on the device, as text. */
  get text(): string {
    const doc = new Y.Doc()
    Y.applyUpdate(doc, this.#kept)
    return doc.getText('draft').toJSON()
  }

  start(): void {
    const doc = new Y.Doc()
    // Otherwise it is random, and the same seed gives another run.
    doc.clientID = 1 + this.#scheduler.below(2 ** 31)
    Y.applyUpdate(doc, this.#kept)
    doc.on('update', (update: Uint8Array) => {
      if (this.#page?.doc === doc) this.#kept = Y.mergeUpdates([this.#kept, update])
    })
    const connect = this.#connect
    const Socket = function (): ClientEnd {
      return connect()
    }
    this.#page = yjsClientOver(Socket as unknown as typeof globalThis.WebSocket, 'http://server', this.room, doc)
    // Who is there is told again every few seconds of the real clock, which is none of the seed's.
    this.#page.provider.awareness.setLocalState(null)
  }

  /** The browser dies: what its device has kept is left. */
  crash(): void {
    const page = this.#page
    this.#page = undefined
    page?.leave()
  }

  /** Puts a word of their own somewhere, or takes one out. */
  write(): void {
    const scheduler = this.#scheduler
    const text = this.#page?.text
    if (!text) return
    const now = text.toJSON()
    const words = now.split(/(?<=;)/)
    const at = scheduler.below(words.length)
    const index = words.slice(0, at).join('').length
    const there = words[at] ?? ''
    if (there !== '' && scheduler.chance(0.25)) {
      this.cut.add(there)
      text.delete(index, there.length)
      return
    }
    this.#words += 1
    const word = `${this.actor.replace(/\W/g, '')}-${this.#words};`
    this.put.add(word)
    text.insert(index, word)
  }
}
