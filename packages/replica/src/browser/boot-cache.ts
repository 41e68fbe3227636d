import { PROJECTION_VERSION, type Rows } from '@coppice/events'
import type { BootCache } from '../page.ts'
import { HEADER_TABLES, type HeaderTable } from '../replica.ts'

const WRITE_AFTER_MS = 1_000
const SESSIONS_KEPT = 300

interface Cached {
  readonly projection: number
  readonly kept: readonly [HeaderTable, [string, Rows[HeaderTable]][]][]
}

type Tables = ReadonlyMap<HeaderTable, ReadonlyMap<string, Rows[HeaderTable]>>

/**
 * Header rows of the newest sessions in localStorage: read at once at start, written a second after things have changed.
 * Rows of another version's code are not read.
 */
export function bootCache(userId: string): BootCache {
  const name = `coppice.boot.${userId}`
  let timer: ReturnType<typeof setTimeout> | undefined
  let latest: Tables | undefined
  const write = (): void => {
    timer = undefined
    if (!latest) return
    const kept = HEADER_TABLES.map((table) => [table, [...newest(table, latest?.get(table) ?? new Map())]])
    try {
      localStorage.setItem(name, JSON.stringify({ projection: PROJECTION_VERSION, kept }))
    } catch (error) {
      // Full or forbidden: the list is then painted a moment later, from the database.
      console.warn('The list could not be cached for the next start.', error)
    }
  }
  return {
    read() {
      const text = localStorage.getItem(name)
      if (!text) return undefined
      try {
        const { projection, kept } = JSON.parse(text) as Cached
        if (projection !== PROJECTION_VERSION) return undefined
        return new Map(kept.map(([table, rows]) => [table, new Map(rows)]))
      } catch (error) {
        console.warn('The cached list could not be read and is made anew.', error)
        localStorage.removeItem(name)
        return undefined
      }
    },
    write(tables) {
      latest = tables
      timer ??= setTimeout(write, WRITE_AFTER_MS)
    },
  }
}

function newest(
  table: HeaderTable,
  rows: ReadonlyMap<string, Rows[HeaderTable]>,
): Iterable<[string, Rows[HeaderTable]]> {
  if (table === 'bots') {
    const bots = [...rows] as [string, Rows['bots']][]
    return bots.map(([key, row]) => [key, { ...row, prompt: '' }])
  }
  if (table !== 'sessions') return rows
  const sessions = [...rows] as [string, Rows['sessions']][]
  return sessions
    .sort(([, a], [, b]) => b.updatedAt - a.updatedAt)
    .slice(0, SESSIONS_KEPT)
    .map(([key, row]) => [key, { ...row, files: [] }])
}
