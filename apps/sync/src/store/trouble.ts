import { codeOf, StoreAway } from './store-error.ts'

/** PostgreSQL's codes for a disk without room, and for files that may not be written. */
const DISK_FULL = new Set(['53100', 'ENOSPC'])
const READ_ONLY = new Set(['42501', 'EROFS', 'EACCES', 'EPERM'])

/** Why the store cannot be used right now, for a person, where that is known: something outside of it, that may pass. */
export function troubleOf(error: unknown): string | undefined {
  if (error instanceof StoreAway) return 'The database cannot be reached right now.'
  const code = codeOf(error) ?? ''
  if (DISK_FULL.has(code))
    return 'The disk of the server is full: nothing can be stored until somebody makes room on it.'
  if (READ_ONLY.has(code))
    return 'The server may not write to its data folder: nothing can be stored until somebody gives it back.'
  return undefined
}
