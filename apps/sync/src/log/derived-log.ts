import type { LogId, SignedHead } from '@coppice/events'
import { HeaderProjection } from '../headers/header-projection.ts'
import { LIMITS } from '../limits.ts'
import { LogTree } from '../proof/log-tree.ts'
import type { SigningKey } from '../proof/signing-key.ts'
import { TreeHeads } from '../proof/tree-heads.ts'
import type { Store } from '../store/store-calls.ts'
import type { DerivedTables } from './derived-tables.ts'
import type { Commit } from './log-writer.ts'

/** What is computed from one log, right behind its writer: its tree, the signed heads of that, and its sessions' headers. */
export class DerivedLog {
  readonly tree: LogTree
  readonly heads: TreeHeads
  readonly headers: HeaderProjection
  readonly #of: DerivedFrom
  #signedSize: number | undefined
  #signedAt: number
  #signing = false

  /** @param log as it was opened: later commits are told with {@link DerivedLog.committed}. */
  constructor(of: DerivedFrom, log: { log: LogId; no: number; epoch: string; head: number }) {
    this.#of = of
    this.#signedAt = of.now()
    const { tiles, heads, headers } = of.tables(log.no)
    this.tree = new LogTree(of.store, tiles, log)
    this.heads = new TreeHeads({ ...of, heads, tree: this.tree, log })
    this.headers = new HeaderProjection(of.store, headers, log, of.report)
  }

  committed(commit: Commit): void {
    this.tree.committed(commit)
    this.headers.committed(commit)
    if (this.#signing || !this.#isTime(commit.to)) return
    this.#signing = true
    this.#sign(commit.to)
      .catch(this.#of.report)
      .finally(() => (this.#signing = false))
  }

  /** Writes what is waiting to be written. */
  async flush(): Promise<void> {
    await Promise.all([this.tree.flush(), this.headers.flush()])
  }

  #isTime(size: number): boolean {
    if (this.#signedSize === undefined || size - this.#signedSize >= LIMITS.headEvents) return true
    const passed = this.#of.now() - this.#signedAt
    // The machine's clock was set back: when the last head was signed tells nothing any more.
    return passed < 0 || passed >= LIMITS.headMs
  }

  /** Signs a head if it is time, which after a start only the newest stored head tells. */
  async #sign(size: number): Promise<void> {
    if (this.#signedSize === undefined) {
      const newest = await this.heads.newest()
      this.#signedSize = newest?.size ?? 0
      this.#signedAt = newest?.at ?? this.#of.now()
      if (!this.#isTime(size)) return
    }
    const head = await this.heads.sign(size)
    this.#signedSize = head.size
    this.#signedAt = head.at
    this.#of.signed(head)
  }
}

export interface DerivedFrom {
  readonly store: Pick<Store, 'readLog' | 'readStream'>
  readonly tables: (logNo: number) => DerivedTables
  readonly key: SigningKey
  readonly now: () => number
  readonly report: (error: unknown) => void
  /** Told of each head that was signed because it was time. */
  readonly signed: (head: SignedHead) => void
}
