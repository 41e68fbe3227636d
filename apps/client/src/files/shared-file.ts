import { sha256Hex } from '@coppice/events'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'
import type { Person } from '../parts/people.tsx'
import { FileDocument } from './file-document.ts'

/** Longer texts are edited alone: a room takes so much in one message. UTF-16 units. */
export const LARGEST_SHARED = 256 * 1024

/** The room of a file: `<workspace>/session/<id>/file/<hash of its path>`. */
export const roomOfFile = (workspaceId: string, sessionId: string, path: string): string =>
  `${workspaceId}/session/${sessionId}/file/${sha256Hex(path).slice(0, 40)}`

/**
 * The text of a file while people have it open: one Yjs document for all of them, with the version that it began from, so
 * that whoever comes later can merge what the worktree has by then. Lines end with a line feed in it, whatever the file has.
 */
export class SharedFile {
  readonly #doc = new Y.Doc()
  readonly #provider: WebsocketProvider
  readonly document = new FileDocument(this.#doc)
  /** Settles when this page has what the server has of the document. */
  readonly synced: Promise<void>

  /** @param state of {@link state}, of an earlier time on this device */
  constructor(room: string, me: Person, state: Uint8Array | undefined) {
    if (state) Y.applyUpdate(this.#doc, state)
    this.#provider = new WebsocketProvider(`${location.origin.replace(/^http/, 'ws')}/yjs`, room, this.#doc)
    this.synced = new Promise((resolve) => this.#provider.once('sync', () => resolve()))
    this.#provider.awareness.setLocalState({ user: me })
  }

  get awareness(): WebsocketProvider['awareness'] {
    return this.#provider.awareness
  }

  /** Of all who have it open one merges what the worktree has. */
  get leads(): boolean {
    return [...this.awareness.getStates()].every(
      ([client, { user }]) => user === undefined || client >= this.#doc.clientID,
    )
  }

  /** Tells who else has it open, now and whenever that changes. */
  onOthers(tell: (people: readonly Person[]) => void): void {
    const now = (): void => {
      const people = [...this.awareness.getStates()].flatMap(([client, state]) =>
        client === this.#doc.clientID || typeof state['user']?.id !== 'string' ? [] : [state['user'] as Person],
      )
      tell(people.filter(({ id }, at) => people.findIndex((other) => other.id === id) === at))
    }
    this.awareness.on('change', now)
    now()
  }

  /** All of it, to go on from later. */
  state(): Uint8Array {
    return Y.encodeStateAsUpdate(this.#doc)
  }

  close(): void {
    this.#provider.destroy()
    this.#doc.destroy()
  }
}
