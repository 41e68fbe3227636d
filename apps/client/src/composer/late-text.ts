/**
 * What a draft had when its page was left, kept at once: IndexedDB has no promise for a page that is going. Either the
 * document's `state`, which merges with whatever the document has become, or what was `typed` before it was there; and
 * its text, to be `shown` until the document is there.
 */
export type LateKind = 'state' | 'typed' | 'shown'

const keyOf = (kind: LateKind, room: string): string => `coppice:late:${kind}:${room}`

export function keepLate(kind: LateKind, room: string, text: string): void {
  if (text === '') return
  try {
    localStorage.setItem(keyOf(kind, room), text)
  } catch (error) {
    console.warn('There is no room for the end of a draft.', error)
  }
}

/** Takes what was kept; empty if there is nothing. */
export function takeLate(kind: LateKind, room: string): string {
  const kept = localStorage.getItem(keyOf(kind, room))
  if (kept !== null) localStorage.removeItem(keyOf(kind, room))
  return kept ?? ''
}
