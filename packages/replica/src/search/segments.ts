import type { PGlite, Transaction } from '@electric-sql/pglite'

/** A span of time in which some texts were written: from its beginning, inclusive, to the next one's. */
export interface Segment {
  readonly id: number
  /** ms since 1970; the first begins at -Infinity. */
  readonly from: number
}

interface Counted extends Segment {
  count: number
  /** It was as large as this when it was last tried to make two of it: texts of one moment cannot be told apart. */
  tried: number
}

/** So many texts make a segment. */
const TEXTS_EACH = 512
/** Texts that come late grow a segment in the middle; at this size it becomes two. */
const SPLIT_AT = 2 * TEXTS_EACH
/** A text's segment stands among its words: no word of a text has this sign. */
const SIGN = '§'

export const SEGMENTS_TABLE =
  'create table if not exists search_segments (id int primary key, begins double precision not null, texts int not null)'

export const wordOf = ({ id }: Segment): string => `'${SIGN}${id}'`

/**
 * Cuts the texts of an index by time, so that a word that stands in nearly all of them is looked for among the newest
 * first. What is known here is what the last finished transaction wrote; after one that failed call {@link Segments.forget}.
 */
export class Segments {
  readonly #db: PGlite
  /** Oldest first. */
  #known: Counted[] | undefined
  #newestText = -Infinity

  constructor(db: PGlite) {
    this.#db = db
  }

  forget(): void {
    this.#known = undefined
  }

  /** Newest first, those that may hold a text as old as this or older. */
  async upTo(at: number): Promise<readonly Segment[]> {
    const known = this.#known ?? (await this.#load(this.#db))
    return known.filter(({ from }) => from <= at).toReversed()
  }

  /** The segment of each of these texts; a new one begins where the newest is full. */
  async place(tx: Transaction, texts: readonly { readonly at: number }[]): Promise<readonly Segment[]> {
    const known = this.#known ?? (await this.#load(tx))
    const placed: Segment[] = []
    const changed = new Set<Counted>()
    for (const { at } of texts) {
      const newest = known.at(-1)
      const full = newest && newest.count >= TEXTS_EACH && at > this.#newestText
      const segment = full ? { id: nextId(known), from: at, count: 0, tried: 0 } : holding(known, at)
      if (!known.includes(segment)) known.push(segment)
      segment.count += 1
      changed.add(segment)
      this.#newestText = Math.max(this.#newestText, at)
      placed.push(segment)
    }
    for (const segment of changed) await keep(tx, segment)
    return placed
  }

  /** Makes two of each segment that has grown too large: its newer half moves. */
  async split(tx: Transaction): Promise<void> {
    const known = this.#known ?? (await this.#load(tx))
    for (let large = known.find(tooLarge); large; large = known.find(tooLarge)) {
      const { rows } = await tx.query<{ at: number; texts: string }>(
        `select (array_agg(at order by at))[1 + count(*) / 2] as at, count(*) as texts from search where words @@ $1::tsquery`,
        [wordOf(large)],
      )
      const [middle, texts] = [rows[0]?.at ?? large.from, Number(rows[0]?.texts ?? 0)]
      large.count = texts
      if (texts > SPLIT_AT && middle > large.from) {
        const newer: Counted = { id: nextId(known), from: middle, count: 0, tried: 0 }
        const { affectedRows = 0 } = await tx.query(
          `update search set words = ts_delete(words, $1) || $2::tsvector where words @@ $3::tsquery and at >= $4`,
          [`${SIGN}${large.id}`, wordOf(newer), wordOf(large), middle],
        )
        newer.count = affectedRows
        large.count -= affectedRows
        known.splice(known.indexOf(large) + 1, 0, newer)
        await keep(tx, newer)
      }
      large.tried = large.count
      await keep(tx, large)
    }
  }

  async #load(db: Pick<PGlite, 'query'> | Transaction): Promise<Counted[]> {
    const { rows } = await db.query<{ id: number; begins: number; texts: number }>(
      'select id, begins, texts from search_segments order by begins',
    )
    const known = rows.map(({ id, begins, texts }) => ({ id, from: begins, count: texts, tried: 0 }))
    if (known.length === 0) known.push({ id: 1, from: -Infinity, count: 0, tried: 0 })
    const newest = await db.query<{ at: number | null }>('select max(at) as at from search')
    this.#newestText = newest.rows[0]?.at ?? -Infinity
    this.#known = known
    return known
  }
}

const tooLarge = ({ count, tried }: Counted): boolean => count > tried + SPLIT_AT

const nextId = (known: readonly Segment[]): number => Math.max(...known.map(({ id }) => id)) + 1

function holding(known: readonly Counted[], at: number): Counted {
  const found = known.findLast(({ from }) => from <= at)
  if (!found) throw new Error('The first segment begins before all times.')
  return found
}

async function keep(tx: Transaction, { id, from, count }: Counted): Promise<void> {
  await tx.query(
    `insert into search_segments (id, begins, texts) values ($1, $2, $3)
       on conflict (id) do update set begins = excluded.begins, texts = excluded.texts`,
    [id, from, count],
  )
}
