import { IndexeddbPersistence } from 'y-indexeddb'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'

/** So many files of one session are remembered; others make room for new ones. */
const MOST = 5_000

/** What one person has looked at in a session, on all of their devices: by path, the content that was looked at. Kept here, too. */
export class SharedMarks {
  readonly #doc = new Y.Doc()
  readonly #marks = this.#doc.getMap<string>('viewed')
  readonly #kept: IndexeddbPersistence
  readonly #provider: WebsocketProvider
  /** Settles when what was kept on this device is here. */
  readonly ready: Promise<void>

  /** @param room its name on the server: `<workspace>/session/<id>/viewed/<user>` */
  constructor(room: string, changed: () => void) {
    this.#marks.observe(changed)
    this.#kept = new IndexeddbPersistence(`coppice:viewed:${room}`, this.#doc)
    this.#provider = new WebsocketProvider(`${location.origin.replace(/^http/, 'ws')}/yjs`, room, this.#doc, {
      connect: false,
    })
    this.ready = this.#kept.whenSynced.then(() => undefined)
  }

  all(): ReadonlyMap<string, string> {
    return new Map(this.#marks.entries())
  }

  /** Marks some as looked at; those without a content are not any more. */
  set(marks: ReadonlyMap<string, string | undefined>): void {
    this.#doc.transact(() => {
      for (const [path, content] of marks) {
        if (content === undefined) this.#marks.delete(path)
        else if (this.#marks.get(path) !== content) this.#marks.set(path, content)
      }
      for (const oldest of this.#marks.keys()) {
        if (this.#marks.size <= MOST) break
        if (!marks.has(oldest)) this.#marks.delete(oldest)
      }
    })
  }

  /** Whether there is a server to share them through. */
  online(there: boolean): void {
    if (there) this.#provider.connect()
    else this.#provider.disconnect()
  }

  close(): void {
    this.#provider.destroy()
    void this.#kept.destroy()
    this.#doc.destroy()
  }
}
