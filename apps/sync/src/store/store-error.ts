/** The database said no to a call, or could not be asked. `code` is PostgreSQL's five characters, or the system's word, where there is one. */
export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly code: string | undefined
  constructor(message: string, code: string | undefined, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** The database is not there right now: nothing was done, or it is not known whether it was. Trying again may help. */
export class StoreAway extends StoreError {}

/** The database cannot be used as it is; the message is for the person who started the server. */
export class StoreRefused extends Error {
  override readonly name = 'StoreRefused'
}

const UNIQUE_VIOLATION = '23505'

export const isUniqueViolation = (error: unknown): boolean => codeOf(error) === UNIQUE_VIOLATION

/** The code that an error carries, of PostgreSQL or of the system. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
