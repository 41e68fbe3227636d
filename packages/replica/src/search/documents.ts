import type { AnyRow, ItemRow } from '@coppice/events'

/** A row of a conversation that can be found, and the text it is found by. */
export interface SearchDocument {
  /** Id of the conversation row. */
  readonly key: string
  readonly sessionId: string
  /** Newest first is by this; ms since 1970. */
  readonly at: number
  readonly text: string
}

/**
 * What of a conversation row can be found; undefined for rows with nothing to find. Thoughts and output of tools are left
 * out: they are long, and repeat what the files and messages say.
 */
export function documentOf(row: ItemRow): SearchDocument | undefined {
  const text = textOf(row)
  return text === '' ? undefined : { key: row.itemId, sessionId: row.sessionId, at: row.at, text }
}

function textOf(row: ItemRow): string {
  switch (row.kind) {
    case 'user':
    case 'agent':
    case 'summary':
    case 'system':
    case 'hook_failure':
    case 'action':
      return row.text
    case 'plan':
      return (row.detail.entries ?? []).map((entry) => entry.text).join('\n')
    case 'tool':
      return [row.detail.title, row.detail.target].filter((part) => part !== undefined && part !== '').join(' ')
    case 'thinking':
    case 'approval':
    case 'instructions':
    case 'turn_end':
      return ''
  }
}

const neverFound = new Set<ItemRow['kind']>(['thinking', 'approval', 'instructions', 'turn_end'])

/** Conversation rows of a batch: what each key is found by after it; undefined where it can be found no more. */
export function documentChanges(
  rows: ReadonlyMap<string, AnyRow | null>,
): ReadonlyMap<string, SearchDocument | undefined> {
  const changes = new Map<string, SearchDocument | undefined>()
  for (const [key, row] of rows as ReadonlyMap<string, ItemRow | null>) {
    if (row === null) changes.set(key, undefined)
    else if (!neverFound.has(row.kind)) changes.set(key, documentOf(row))
  }
  return changes
}

/** The order of hits: newest first, and never two at one place. */
export const newestFirst = (a: Place, b: Place): number => b.at - a.at || (a.key < b.key ? 1 : a.key > b.key ? -1 : 0)

/** A place in the order of hits, to go on after. */
export interface Place {
  readonly at: number
  readonly key: string
}
