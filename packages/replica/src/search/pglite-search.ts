import type { Transaction } from '@electric-sql/pglite'
import type { Database } from '../careful-database.ts'
import type { AnyRow, ItemRow } from '@coppice/events'
import { LruMap } from '../lru.ts'
import { documentChanges, type Place } from './documents.ts'
import { Finding } from './finding.ts'
import { mergedParts, partOf } from './part.ts'
import { DROP_OLDER_TABLES, knownParts, readPart, removeParts, writePart, type KnownPart } from './part-tables.ts'
import type { SearchQuery } from './query.ts'
import { rangeToMerge } from './tiers.ts'

/** Texts of so many rows are remembered, because most changes of a row do not touch its text. */
const REMEMBERED_TEXTS = 4_000

/**
 * The full-text index in PGlite. The texts of each batch become a part of it in the transaction of their rows; small parts
 * are merged into larger ones. What the index has of a text that was changed or taken away since is found and then left out,
 * because hits are compared with their rows: the rows alone say what is true.
 */
export class PgliteSearch {
  readonly #db: Database
  /** Parts of each log in the order in which they were written. Of what the last finished transaction wrote. */
  #known: Map<string, readonly KnownPart[]> | undefined
  readonly #texts = new LruMap<string, string>(REMEMBERED_TEXTS)

  constructor(db: Database) {
    this.#db = db
  }

  /** A conversation's changed rows. If the transaction fails, call {@link PgliteSearch.forget}. */
  async write(tx: Transaction, log: string, changed: ReadonlyMap<string, AnyRow | null>): Promise<void> {
    const texts: (Place & { text: string })[] = []
    for (const [key, document] of documentChanges(changed)) {
      const known = document ? `${document.at} ${document.text}` : ''
      if (this.#texts.get(key) === known) continue
      this.#texts.set(key, known)
      if (document) texts.push({ key, at: document.at, text: document.text })
    }
    if (texts.length === 0) return
    const logs = await this.#load(tx)
    const parts = [...(logs.get(log) ?? [])]
    parts.push(await writePart(tx, log, nextId(logs), partOf(texts)))
    logs.set(log, parts)
    for (;;) {
      const [from, to] = rangeToMerge(parts.map(({ ats }) => ats.length)) ?? [0, 0]
      if (from === to) return
      parts.splice(from, to - from, await merge(tx, log, parts.slice(from, to)))
    }
  }

  /** What was thought to be written may not have been. */
  forget(): void {
    this.#texts.clear()
    this.#known = undefined
  }

  async erase(tx: Transaction, log: string): Promise<void> {
    this.forget()
    await removeParts(tx, (await knownParts(tx)).get(log) ?? [])
  }

  /** Before all rows are made anew. */
  async empty(tx: Transaction): Promise<void> {
    this.forget()
    await tx.query(DROP_OLDER_TABLES)
    await tx.query('truncate search_parts, search_blocks, search_keys')
  }

  /** Rows that fit, newest first. */
  async find(query: SearchQuery, limit: number, after: Place | undefined): Promise<readonly ItemRow[]> {
    if (query.length === 0) return []
    return this.#db.transaction(async (tx) => {
      // Without statistics, which a database in a browser never gathers, it would read whole tables.
      await tx.query('set local enable_seqscan = off')
      const parts = [...(await this.#load(tx)).values()].flat()
      return new Finding(tx, parts, query, after).rows(limit)
    })
  }

  async #load(tx: Transaction): Promise<Map<string, readonly KnownPart[]>> {
    this.#known ??= new Map(await knownParts(tx))
    return this.#known
  }
}

const nextId = (logs: ReadonlyMap<string, readonly KnownPart[]>): number =>
  1 + Math.max(0, ...[...logs.values()].map((parts) => parts.at(-1)?.id ?? 0))

/** Makes one of several parts that follow each other. It takes the id, and so the place, of the last. */
async function merge(tx: Transaction, log: string, parts: readonly KnownPart[]): Promise<KnownPart> {
  const read = []
  for (const part of parts) read.push(await readPart(tx, part))
  await removeParts(tx, parts)
  return writePart(tx, log, parts.at(-1)?.id ?? 0, mergedParts(read))
}
