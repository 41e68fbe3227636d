import { sha256Hex } from '@coppice/events'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'
import type { Person } from '../parts/people.tsx'
import { changeBetween } from '../composer/text-change.ts'

/** Longer texts are edited alone: a room takes so much in one message. UTF-16 units. */
export const LARGEST_SHARED = 256 * 1024

/** The version of the file that the text began from: as it is in the worktree, with its SHA-256. */
export interface Base {
  readonly text: string
  readonly sha256: string
}

/** The room of a file: `<workspace>/session/<id>/file/<hash of its path>`. */
export const roomOfFile = (workspaceId: string, sessionId: string, path: string): string =>
  `${workspaceId}/session/${sessionId}/file/${sha256Hex(path).slice(0, 40)}`

/**
 * The text of a file while people have it open: one Yjs document for all of them, with the version that it began from, so
 * that whoever comes later can merge what the worktree has by then. Lines end with a line feed in it, whatever the file has.
 */
export class SharedFile {
  readonly #doc = new Y.Doc()
  readonly #about = this.#doc.getMap<unknown>('about')
  readonly #provider: WebsocketProvider
  readonly text = this.#doc.getText('text')
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

  /** The version that the text began from; undefined while nobody has put the file into the room. */
  get base(): Base | undefined {
    const base = this.#about.get('base') as Base | undefined
    return typeof base?.text === 'string' && typeof base.sha256 === 'string' ? base : undefined
  }

  /** Puts the file into an empty room. Who does the same at the same time does it with the same letters: nothing is doubled. */
  seed(base: Base, text: string): void {
    const seed = new Y.Doc()
    seed.clientID = Number.parseInt(sha256Hex(`${base.sha256} ${text.length}`).slice(0, 8), 16)
    seed.transact(() => {
      seed.getText('text').insert(0, text)
      seed.getMap('about').set('base', base)
    })
    Y.applyUpdate(this.#doc, Y.encodeStateAsUpdate(seed))
    seed.destroy()
  }

  /** From now on the text counts as begun from this version. */
  setBase(base: Base): void {
    this.#about.set('base', base)
  }

  /** Called when somebody else saved or merged. */
  onBase(changed: () => void): void {
    this.#about.observe((_event, { local }) => {
      if (!local) changed()
    })
  }

  /** Makes it this text, by one change. */
  write(text: string): void {
    const { at, cut, put } = changeBetween(this.text.toJSON(), text)
    this.#doc.transact(() => {
      this.text.delete(at, cut)
      this.text.insert(at, put)
    }, this)
  }

  /** Of all who have it open one merges what the worktree has. */
  get leads(): boolean {
    return [...this.awareness.getStates()].every(
      ([client, { user }]) => user === undefined || client >= this.#doc.clientID,
    )
  }

  /** Tells who else has it open, now and whenever that changes. */
  onOthers(tell: (people: readonly Person[]) => void): void {
    this.awareness.on('change', () => {
      const people = [...this.awareness.getStates()].flatMap(([client, state]) =>
        client === this.#doc.clientID || typeof state['user']?.id !== 'string' ? [] : [state['user'] as Person],
      )
      tell(people.filter(({ id }, at) => people.findIndex((other) => other.id === id) === at))
    })
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
