import type { ClientConfig } from 'pg'
import { parseIntoClientConfig } from 'pg-connection-string'
import { codeOf, StoreRefused } from './store-error.ts'

const EXAMPLE = 'postgres://user:password@host:5432/name'

/** Reads a database's address. Throws `StoreRefused`; the message never holds the address, which has a password in it. */
export function readAddress(url: string): ClientConfig {
  if (!/^(postgres|postgresql|socket):/.test(url) && !url.startsWith('/'))
    throw new StoreRefused(`DATABASE_URL is no address of a PostgreSQL. It looks like ${EXAMPLE}. Nothing was changed.`)
  try {
    return parseIntoClientConfig(url)
  } catch (error) {
    if (!(error instanceof Error)) throw error
    throw new StoreRefused(
      `DATABASE_URL cannot be read as an address. It looks like ${EXAMPLE}; odd characters in the password are written as %40 and so on. Nothing was changed.`,
    )
  }
}

/** Why a database could not be opened, for the person who started the server. */
export function explainRefusal(error: unknown, { host, port, user, database }: ClientConfig): StoreRefused {
  const said = error instanceof Error && error.message !== '' ? error.message : String(codeOf(error) ?? error)
  const at = host?.startsWith('/') ? `in ${host}` : `at ${host ?? 'localhost'}:${port ?? 5432}`
  switch (codeOf(error)) {
    case '28P01':
    case '28000':
      return new StoreRefused(
        `The PostgreSQL ${at} refuses user ${user ?? '(none)'}: ${said}. Mend user and password in DATABASE_URL.`,
      )
    case '3D000':
      return new StoreRefused(
        `The PostgreSQL ${at} has no database ${database ?? '(none)'}. Make it with \`createdb\`, or mend the name in DATABASE_URL.`,
      )
    case '42501':
      return new StoreRefused(
        `The user ${user ?? '(none)'} may not make tables in database ${database ?? '(none)'}: ${said}. Make it the owner of the database.`,
      )
    case '53300':
      return new StoreRefused(`The PostgreSQL ${at} has no connection to spare: ${said}. Raise max_connections there.`)
    default:
      return new StoreRefused(
        `No PostgreSQL can be used ${at}: ${said}. Start it, or mend DATABASE_URL. Nothing was changed.`,
      )
  }
}
