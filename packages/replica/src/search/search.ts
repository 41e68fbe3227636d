import type { ItemRow, SessionRow } from '@coppice/events'
import type { CallArgs } from '../port.ts'
import type { SearchCoverage, SearchHit, SearchPage } from '../replica.ts'
import { SerialQueue } from '../serial-queue.ts'
import type { Store } from '../store.ts'
import type { View } from '../view.ts'
import { documentOf, newestFirst, type Place, type SearchDocument } from './documents.ts'
import { matches, parseQuery, type SearchQuery } from './query.ts'
import { snippetOf } from './snippet.ts'

/** What a search looks at. */
export interface Searched {
  readonly store: Store
  readonly view: View
  /** Sessions of which only the header is here. */
  readonly left: number
  /** Events that this replica knows of and does not have yet. */
  readonly missing: number
}

const HITS_AT_MOST = 200
const SESSIONS_AT_MOST = 20

/**
 * Searches one after the other. What a page types while its search waits takes that one's place: nobody wants the hits of
 * the word before.
 */
export class Search {
  readonly #queue = new SerialQueue()
  readonly #newest = new Map<string, number>()

  /** Undefined where a later search of the same page has overtaken this one. */
  page(args: CallArgs<'search'>, searched: () => Searched): Promise<SearchPage | undefined> {
    this.#newest.set(args.page, args.n)
    return this.#queue.run(async () => {
      await whatHasArrived()
      return this.#newest.get(args.page) === args.n ? find(args, searched()) : undefined
    })
  }

  forget(page: string): void {
    this.#newest.delete(page)
  }
}

/** A search blocks the thread: what was typed meanwhile stands behind it as messages, and is taken in first. */
const whatHasArrived = (): Promise<void> => new Promise((resolve) => setTimeout(resolve))

async function find({ text, limit, after }: CallArgs<'search'>, searched: Searched): Promise<SearchPage> {
  const query = parseQuery(text)
  const coverage = coverageOf(searched)
  if (query.length === 0) return { hits: [], next: undefined, coverage }
  const most = Math.max(1, Math.min(limit, HITS_AT_MOST))
  const found = await documents(query, most, after, searched)
  const hits = found.map(({ document, row }): SearchHit => ({
    sessionId: row.sessionId,
    itemId: row.itemId,
    kind: row.kind,
    at: row.at,
    snippet: snippetOf(query, document.text),
  }))
  const last = found.length === most ? found.at(-1)?.document : undefined
  return {
    hits: after ? hits : [...namedSessions(query, searched.view), ...hits],
    next: last && { at: last.at, key: last.key },
    coverage,
  }
}

/** Rows of the conversations that fit: those of the store, but for rows that pending commands changed; and those as they look now. */
async function documents(
  query: SearchQuery,
  limit: number,
  after: Place | undefined,
  { store, view }: Searched,
): Promise<readonly { row: ItemRow; document: SearchDocument }[]> {
  const pending = view.pendingItems()
  const stored = await store.search(query, limit + pending.size, after)
  const rows = [
    ...stored.filter((row) => !pending.has(row.itemId)),
    ...[...pending.values()].filter((row) => row !== null),
  ]
  return rows
    .flatMap((row) => {
      const document = documentOf(row)
      if (!document || (after && newestFirst(document, after) <= 0)) return []
      return pending.has(row.itemId) && !matches(query, document.text) ? [] : [{ row, document }]
    })
    .toSorted((a, b) => newestFirst(a.document, b.document))
    .slice(0, limit)
}

/** Sessions whose name fits, newest activity first. */
function namedSessions(query: SearchQuery, view: View): readonly SearchHit[] {
  return view
    .sessions()
    .filter((session) => matches(query, session.name))
    .toSorted((a, b) => b.updatedAt - a.updatedAt)
    .slice(0, SESSIONS_AT_MOST)
    .map(({ sessionId, name, updatedAt }: SessionRow) => ({
      sessionId,
      itemId: '',
      kind: 'session',
      at: updatedAt,
      snippet: snippetOf(query, name),
    }))
}

function coverageOf({ view, left, missing }: Searched): SearchCoverage {
  const sessions = view.sessions().length
  return { sessions, searched: Math.max(0, sessions - left), missing }
}
