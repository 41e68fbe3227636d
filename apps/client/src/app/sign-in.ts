import { createSignal } from 'solid-js'
import { askMe } from '../settings/http.ts'

/** The folder Coppice was started from, for its owner; offered as the first repository. */
export const [suggestedPath, setSuggestedPath] = createSignal<string>()

/** Who this browser was last signed in as: enough to open its own copy while the server cannot be reached. */
export interface KnownUser {
  readonly userId: string
  readonly name: string
}

const KEY = 'coppice:me'

/** Who is here: as the server says, else (server away) as it said last. */
export type SignIn =
  | { readonly kind: 'in'; readonly user: KnownUser }
  | { readonly kind: 'out'; readonly message: string }
  | { readonly kind: 'unreachable' }

export function lastUser(): KnownUser | undefined {
  const kept = localStorage.getItem(KEY)
  if (kept === null) return undefined
  const value: unknown = JSON.parse(kept)
  if (typeof value !== 'object' || value === null || !('userId' in value) || !('name' in value)) return undefined
  return typeof value.userId === 'string' && typeof value.name === 'string'
    ? { userId: value.userId, name: value.name }
    : undefined
}

export async function signIn(): Promise<SignIn> {
  const answer = await askMe()
  if (answer.ok) {
    const user = { userId: answer.data.userId, name: answer.data.name }
    localStorage.setItem(KEY, JSON.stringify(user))
    setSuggestedPath(answer.data.suggestedPath)
    return { kind: 'in', user }
  }
  if (answer.status === 401 || answer.status === 403) return { kind: 'out', message: answer.message }
  return { kind: 'unreachable' }
}
