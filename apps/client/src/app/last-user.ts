/** Who this browser was last signed in as: enough to open its own copy while the server cannot be reached. */
export interface KnownUser {
  readonly userId: string
  readonly name: string
}

const KEY = 'coppice:me'

export function lastUser(): KnownUser | undefined {
  const kept = localStorage.getItem(KEY)
  if (kept === null) return undefined
  const value: unknown = JSON.parse(kept)
  if (typeof value !== 'object' || value === null || !('userId' in value) || !('name' in value)) return undefined
  return typeof value.userId === 'string' && typeof value.name === 'string'
    ? { userId: value.userId, name: value.name }
    : undefined
}

export function keepLastUser(user: KnownUser): void {
  localStorage.setItem(KEY, JSON.stringify(user))
}
