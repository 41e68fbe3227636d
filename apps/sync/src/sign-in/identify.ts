import type { Principal } from '../principal.ts'
import type { AccessTokens } from './access-tokens.ts'
import type { SignIn } from './sign-in.ts'

/** Who a request comes from, and by what: only cookies can be sent along by a foreign page. */
export interface Identity {
  readonly principal: Principal
  readonly by: 'cookie' | 'token'
}

export type Identify = (headers: Headers) => Promise<Identity | undefined>

/** Reads a bearer token, else the session cookie. A wrong token is nobody, even if a cookie came along. */
export function identifier(
  signIn: Pick<SignIn, 'findPerson'>,
  tokens: AccessTokens,
  nameOf: (userId: string) => string | undefined,
): Identify {
  return async (headers) => {
    const bearer = /^Bearer (\S+)$/i.exec(headers.get('authorization') ?? '')?.[1]
    if (bearer !== undefined) {
      const token = await tokens.find(bearer)
      if (token === undefined) return undefined
      const { kind, runnerId, userId, name } = token
      if (kind === 'runner')
        return runnerId === undefined ? undefined : { principal: { kind, id: runnerId, name }, by: 'token' }
      return { principal: { kind: 'user', id: userId, name: nameOf(userId) ?? name }, by: 'token' }
    }
    const person = await signIn.findPerson(headers)
    return person && { principal: { kind: 'user', ...person, name: nameOf(person.id) ?? person.name }, by: 'cookie' }
  }
}
