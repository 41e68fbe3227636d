import { createSignal } from 'solid-js'
import { askMe } from '../settings/http.ts'
import { keepLastUser, type KnownUser } from './last-user.ts'

/** The folder Coppice was started from, for its owner; offered as the first repository. */
export const [suggestedPath, setSuggestedPath] = createSignal<string>()

/** Who is here: as the server says, else (server away) as it said last. */
export type SignIn =
  | { readonly kind: 'in'; readonly user: KnownUser }
  | { readonly kind: 'out'; readonly message: string }
  | { readonly kind: 'unreachable' }

export async function signIn(): Promise<SignIn> {
  const answer = await askMe()
  if (answer.ok) {
    const user = { userId: answer.data.userId, name: answer.data.name }
    keepLastUser(user)
    setSuggestedPath(answer.data.suggestedPath)
    return { kind: 'in', user }
  }
  if (answer.status === 401 || answer.status === 403) return { kind: 'out', message: answer.message }
  return { kind: 'unreachable' }
}
