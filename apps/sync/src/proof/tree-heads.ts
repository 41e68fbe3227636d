import { hashText, headText, signedHeadSchema, type LogId, type SignedHead } from '@coppice/events'
import type { QueryStore } from '../sign-in/store-dialect.ts'
import type { LogTree } from './log-tree.ts'
import type { SigningKey } from './signing-key.ts'

/** The signed heads of one log's tree: made now and then, kept for ever, so that nobody can be shown two histories. */
export class TreeHeads {
  readonly #store: QueryStore
  readonly #key: SigningKey
  readonly #tree: LogTree
  readonly #log: { readonly log: LogId; readonly no: number; readonly epoch: string }
  readonly #now: () => number

  constructor(of: {
    store: QueryStore
    key: SigningKey
    tree: LogTree
    log: { readonly log: LogId; readonly no: number; readonly epoch: string }
    now: () => number
  }) {
    this.#store = of.store
    this.#key = of.key
    this.#tree = of.tree
    this.#log = of.log
    this.#now = of.now
  }

  /** The newest head; undefined before the first. */
  async newest(): Promise<SignedHead | undefined> {
    const { rows } = await this.#store.query(
      'select body from tree_heads where log_no = $1 order by size desc limit 1',
      [this.#log.no],
    )
    const body = rows[0]?.['body']
    return typeof body === 'string' ? signedHeadSchema.parse(JSON.parse(body)) : undefined
  }

  /** Signs the tree over the first `size` events and keeps the head. Of two at once the first counts. */
  async sign(size: number): Promise<SignedHead> {
    const { log, no, epoch } = this.#log
    const head = { log, epoch, size, root: hashText(await this.#tree.rootAt(size)), at: this.#now() }
    const signed = { ...head, keyId: this.#key.keyId, signature: this.#key.sign(headText(head)) }
    await this.#store.query('insert into tree_heads values ($1, $2, $3) on conflict do nothing', [
      no,
      size,
      JSON.stringify(signed),
    ])
    return signed
  }
}
