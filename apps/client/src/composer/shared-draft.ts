import { fromBase64, toBase64 } from 'lib0/buffer'
import { IndexeddbPersistence } from 'y-indexeddb'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'
import { changeBetween, type TextChange } from './text-change.ts'

/** Told what others, another tab or this device's own memory made of the draft: the new text, and where it changed. */
export type DraftListener = (text: string, change: TextChange) => void

/**
 * What is being written in a session, shared by all who may write there and by a person's devices (LF-9). Kept on the
 * device, so that it is there off line; what several wrote meanwhile is merged when they meet.
 */
export class SharedDraft {
  readonly #doc = new Y.Doc()
  readonly #text = this.#doc.getText('draft')
  readonly #kept: IndexeddbPersistence
  readonly #provider: WebsocketProvider
  /** Settles when what was kept on this device is here. */
  readonly ready: Promise<void>

  /** @param room its name on the server: `<workspace>/session/<id>/draft`. */
  constructor(room: string, changed: DraftListener) {
    let before = ''
    this.#text.observe((_event, { origin }) => {
      const after = this.#text.toJSON()
      if (origin !== this) changed(after, changeBetween(before, after))
      before = after
    })
    this.#kept = new IndexeddbPersistence(`coppice:draft:${room}`, this.#doc)
    this.#provider = new WebsocketProvider(`${location.origin.replace(/^http/, 'ws')}/yjs`, room, this.#doc, {
      connect: false,
    })
    this.ready = this.#kept.whenSynced.then(() => undefined)
  }

  get text(): string {
    return this.#text.toJSON()
  }

  /** Makes it this text. @param caret where the person's caret is, if there is one. */
  write(text: string, caret?: number): void {
    const { at, cut, put } = changeBetween(this.text, text, caret)
    if (cut === 0 && put === '') return
    this.#doc.transact(() => {
      this.#text.delete(at, cut)
      this.#text.insert(at, put)
    }, this)
  }

  /** All of it, in letters: to be merged into the same draft later. */
  state(): string {
    return toBase64(Y.encodeStateAsUpdate(this.#doc))
  }

  /** Merges a {@link state}; an empty one is nothing. */
  merge(state: string): void {
    if (state !== '') Y.applyUpdate(this.#doc, fromBase64(state))
  }

  /** Whether there is a server to share it through. */
  online(there: boolean): void {
    if (there) this.#provider.connect()
    else this.#provider.disconnect()
  }

  /** Says who is writing; nobody, with undefined. */
  writing(name: string | undefined): void {
    this.#provider.awareness.setLocalState(name === undefined ? {} : { name })
  }

  /** Tells who else is writing, now and whenever that changes. */
  onOthers(tell: (names: readonly string[]) => void): void {
    const { awareness } = this.#provider
    awareness.on('change', () => {
      const others = [...awareness.getStates()].filter(([client]) => client !== this.#doc.clientID)
      const names = others.flatMap(([, state]) => (typeof state['name'] === 'string' ? [state['name']] : []))
      tell([...new Set(names)])
    })
  }

  close(): void {
    this.#provider.destroy()
    void this.#kept.destroy()
    this.#doc.destroy()
  }
}
