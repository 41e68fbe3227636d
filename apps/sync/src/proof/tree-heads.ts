import { hashText, headText, signedHeadSchema, type LogId, type SignedHead } from '@coppice/events'
import type { LogTree } from './log-tree.ts'
import type { SigningKey } from './signing-key.ts'
import type { StoredHeads } from './stored-heads.ts'

/** The signed heads of one log's tree: made now and then, kept for ever, so that nobody can be shown two histories. */
export class TreeHeads {
  readonly #stored: StoredHeads
  readonly #key: SigningKey
  readonly #tree: LogTree
  readonly #log: { readonly log: LogId; readonly epoch: string }
  readonly #now: () => number

  constructor(of: {
    heads: StoredHeads
    key: SigningKey
    tree: LogTree
    log: { readonly log: LogId; readonly epoch: string }
    now: () => number
  }) {
    this.#stored = of.heads
    this.#key = of.key
    this.#tree = of.tree
    this.#log = of.log
    this.#now = of.now
  }

  /** The newest head; undefined before the first. */
  async newest(): Promise<SignedHead | undefined> {
    const body = await this.#stored.newest()
    return body !== undefined ? signedHeadSchema.parse(JSON.parse(body)) : undefined
  }

  /** Signs the tree over the first `size` events and keeps the head. Of two at once the first counts. */
  async sign(size: number): Promise<SignedHead> {
    const { log, epoch } = this.#log
    const head = { log, epoch, size, root: hashText(await this.#tree.rootAt(size)), at: this.#now() }
    const signed = { ...head, keyId: this.#key.keyId, signature: this.#key.sign(headText(head)) }
    await this.#stored.keep(size, JSON.stringify(signed))
    return signed
  }
}
