/** How much is told: `error` only what went wrong, `info` also what was done. */
export type JournalLevel = 'error' | 'info'

/** One line of a journal. Never with content: ids, kinds and outcomes only. */
export interface JournalEntry {
  /** What was done, in a word. */
  readonly what: string
  /** The click (or timer) at the root of it: the same in every part's journal (OB-1). */
  readonly correlationId?: string
  readonly [field: string]: string | number | undefined
}

export type Journal = (level: JournalLevel, entry: JournalEntry) => void

/**
 * A journal of JSON lines, one form for all parts, so that what one click caused can be put together by its correlation id.
 * @param wanted `info` or `error`; anything else is silence.
 * @param write takes a line without its end.
 */
export function journalOf(part: string, wanted: string | undefined, write: (line: string) => void): Journal {
  if (wanted !== 'info' && wanted !== 'error') return () => undefined
  return (level, { what, ...entry }) => {
    if (level === 'info' && wanted === 'error') return
    write(JSON.stringify({ at: new Date().toISOString(), level, part, what, ...entry }))
  }
}
