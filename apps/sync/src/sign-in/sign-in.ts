import { randomUUID } from 'node:crypto'
import { betterAuth } from 'better-auth'
import { getMigrations } from 'better-auth/db/migration'
import { Kysely } from 'kysely'
import { createLink, newUser, oneTimeLinks, peekLink, type Admission, type Grant } from './one-time-links.ts'
import { isSameOrigin } from './same-origin.ts'
import { storeDialect, type QueryStore } from './store-dialect.ts'

const DAY_MS = 24 * 60 * 60 * 1000

/** How long a link can be opened. */
export const LINK_LIFETIME_MS = DAY_MS
/** How long a browser stays signed in without being used. */
const SESSION_DAYS = 90

export interface Person {
  readonly id: string
  readonly name: string
}

/**
 * Who is who in the browser: better-auth keeps users, sessions and cookies in the server's own store. There are no
 * passwords; one-time links bring people in.
 */
export async function openSignIn(options: {
  store: QueryStore
  /** Signs cookies; kept in the data folder. */
  secret: string
  /** Tells this server's cookies from those of another on the same host: cookies know no ports. */
  cookiePrefix: string
  admission: Admission
}) {
  const db = new Kysely<Record<string, never>>({ dialect: storeDialect(options.store) })
  const config = {
    appName: 'Coppice',
    secret: options.secret,
    database: { db, type: 'postgres' as const, transaction: false },
    trustedOrigins: (request?: Request) => {
      const origin = request?.headers.get('origin')
      return origin && request && isSameOrigin(origin, request.headers.get('host')) ? [origin] : []
    },
    advanced: {
      cookiePrefix: options.cookiePrefix,
      database: { generateId: () => randomUUID() },
      defaultCookieAttributes: { httpOnly: true, sameSite: 'lax' as const, path: '/' },
      // Plain HTTP on the loopback has no Secure cookies; behind TLS the proxy adds it.
      useSecureCookies: false,
    },
    session: { expiresIn: SESSION_DAYS * 24 * 60 * 60, updateAge: 24 * 60 * 60 },
    telemetry: { enabled: false },
    logger: { disabled: true },
    plugins: [oneTimeLinks(options.admission)],
  }
  const { runMigrations } = await getMigrations(config)
  await runMigrations()
  const auth = betterAuth(config)
  const { internalAdapter } = await auth.$context

  return {
    /** Answers `/api/auth/*`. */
    handle: (request: Request): Promise<Response> => auth.handler(request),

    /** The person whose session cookie these headers carry. */
    async findPerson(headers: Headers): Promise<Person | undefined> {
      const found = await auth.api.getSession({ headers })
      return found ? { id: found.user.id, name: found.user.name } : undefined
    },

    createLink: (grant: Grant): Promise<string> => createLink(internalAdapter, grant, LINK_LIFETIME_MS),
    peekLink: (token: string): Promise<Grant | undefined> => peekLink(internalAdapter, token),

    /** Uses a link up. The answer carries the session's cookie; 410 when the link was spent. */
    join: (token: string, name: string, headers: Headers): Promise<Response> =>
      auth.api.joinByLink({ body: { token, name }, headers, asResponse: true }),

    /** Makes a user who has not signed in yet: the owner, before the first link is opened. */
    async createPerson(name: string): Promise<Person> {
      const user = await internalAdapter.createUser(newUser(name), { method: 'first-start' })
      return { id: user.id, name: user.name }
    },
  }
}

export type SignIn = Awaited<ReturnType<typeof openSignIn>>
