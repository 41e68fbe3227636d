import { sha256Hex } from '@coppice/events'
import * as Y from 'yjs'
import { changeBetween } from '../composer/text-change.ts'

/** The version of the file that the text began from: as it is in the worktree, with its SHA-256. */
export interface Base {
  readonly text: string
  readonly sha256: string
}

/**
 * A file as several write it: its text, and the version that the text began from. Both stand under one key of the document. Whoever
 * finds the room empty puts them there; where two do so at the same moment with different versions of the file, the document
 * keeps one of them, the same for everybody, whole: never both, one after the other.
 */
export class FileDocument {
  readonly doc: Y.Doc
  readonly #root: Y.Map<unknown>
  /** The text that this page writes into, as long as it is the one that counts. */
  #taken: Y.Text | undefined

  constructor(doc: Y.Doc) {
    this.doc = doc
    this.#root = doc.getMap<unknown>('file')
  }

  get #file(): Y.Map<unknown> | undefined {
    const file = this.#root.get('now')
    return file instanceof Y.Map ? file : undefined
  }

  /** Undefined while nobody has put the file into the room. */
  get base(): Base | undefined {
    const base = this.#file?.get('base') as Base | undefined
    return typeof base?.text === 'string' && typeof base.sha256 === 'string' ? base : undefined
  }

  /** The text that counts; an empty one of no document where there is none yet. */
  get text(): Y.Text {
    const text = this.#file?.get('text')
    return text instanceof Y.Text ? text : new Y.Text()
  }

  /** Puts the file into an empty room. Who does the same at the same time with the same version does it with the same letters. */
  seed(base: Base, text: string): void {
    const seed = new Y.Doc()
    seed.clientID = Number.parseInt(sha256Hex(`${base.sha256} ${text.length}`).slice(0, 8), 16)
    seed.transact(() => {
      const file = new Y.Map<unknown>()
      seed.getMap('file').set('now', file)
      file.set('base', base)
      file.set('text', new Y.Text(text))
    })
    Y.applyUpdate(this.doc, Y.encodeStateAsUpdate(seed))
    seed.destroy()
  }

  /** From now on the text counts as begun from this version. */
  setBase(base: Base): void {
    this.#file?.set('base', base)
  }

  /** Makes it this text, by one change. */
  write(text: string): void {
    const now = this.text
    const { at, cut, put } = changeBetween(now.toJSON(), text)
    this.doc.transact(() => {
      now.delete(at, cut)
      now.insert(at, put)
    }, this)
  }

  /** The page writes into the text that counts now. */
  take(): Y.Text {
    this.#taken = this.text
    return this.#taken
  }

  /** Called when somebody else saved or merged; `another` where the text that was taken is not the one that counts any more. */
  onBase(changed: (another: boolean) => void): void {
    this.#root.observeDeep((events, { local }) => {
      if (local) return
      const another = this.#taken !== undefined && this.text !== this.#taken
      if (another || events.some(({ target }) => target === this.#file)) changed(another)
    })
  }
}
