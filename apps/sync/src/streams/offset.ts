/**
 * Offsets as clients see them: opaque, of equal length, so that they sort as text (Durable Streams protocol, section 8).
 * Bytes in a byte stream, positions in a log. The first half is kept for a day when it is needed.
 */
export function formatOffset(at: number): string {
  return `0000000000000000_${String(at).padStart(16, '0')}`
}

/** Where a reader wants to begin: an offset, or `now` for the end as it stands. Undefined for what is no offset. */
export function parseOffset(text: string | undefined): number | 'now' | undefined {
  if (text === undefined || text === '-1') return 0
  if (text === 'now') return 'now'
  const digits = /^0{16}_(\d{16})$/.exec(text)?.[1]
  return digits === undefined ? undefined : Number(digits)
}
