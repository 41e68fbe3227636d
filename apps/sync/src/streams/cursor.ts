/** Cursors count intervals of this length since 9 October 2024, as the protocol has it (section 10.1). */
const INTERVAL_MS = 20_000
const SINCE = Date.UTC(2024, 9, 9)
/** A cursor that was used already is moved on by up to an hour, so that no cache answers it twice. */
const JITTER_MS = 3_600_000

/** The cursor of a live answer: always past the one that the client sent. */
export function nextCursor(sent: string | undefined, now: number = Date.now()): string {
  const current = Math.floor((now - SINCE) / INTERVAL_MS)
  const before = sent !== undefined && /^\d{1,15}$/.test(sent) ? Number(sent) : -1
  if (before < current) return String(current)
  return String(before + 1 + Math.floor((Math.random() * JITTER_MS) / INTERVAL_MS))
}
