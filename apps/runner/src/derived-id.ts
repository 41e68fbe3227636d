import { createHash } from 'node:crypto'

/** An id that follows from its parts: the same cause and step give the same id after a restart, so nothing is told twice. */
export function derivedId(...parts: readonly (string | number)[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)
}
