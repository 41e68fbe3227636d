import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { QueryStore } from './store-dialect.ts'

/** `api`: acts as the user who made it. `runner`: may only be a runner. */
export type TokenKind = 'api' | 'runner'

const rowShape = z.object({
  id: z.string(),
  kind: z.enum(['api', 'runner']),
  user_id: z.string(),
  runner_id: z.string().nullable(),
  name: z.string(),
  start: z.string(),
  created_at: z.number(),
  last_used_at: z.number().nullable(),
})

export interface AccessToken {
  readonly tokenId: string
  readonly kind: TokenKind
  /** Who made it. */
  readonly userId: string
  /** The runner that a runner token is for. */
  readonly runnerId: string | undefined
  readonly name: string
  /** Its first characters, to tell tokens apart. */
  readonly start: string
  readonly createdAt: number
  readonly lastUsedAt: number | null
}

export type NewToken = Pick<AccessToken, 'kind' | 'userId' | 'name'> & { readonly runnerId?: string }

/** Marks our tokens, so that secret scanners can find one that was pasted somewhere. */
const MARK: Readonly<Record<TokenKind, string>> = { api: 'coppice_api_', runner: 'coppice_runner_' }

/** How many of a token's own characters are kept readable. */
const SHOWN = 4
/** "Last used" is written at most this often, milliseconds: it is for people. */
const USE_NOTED_EVERY_MS = 60_000

const COLUMNS = 'id, kind, user_id, runner_id, name, start, created_at, last_used_at'

/**
 * Bearer tokens for programs and runners. Only a hash is kept: a token is shown once, when it is made. A plain SHA-256
 * is right for 256 random bits; slow hashes are for what people think up.
 */
export class AccessTokens {
  readonly #store: QueryStore

  constructor(store: QueryStore) {
    this.#store = store
  }

  async create(of: NewToken): Promise<AccessToken & { token: string }> {
    const secret = randomBytes(32).toString('base64url')
    const token = MARK[of.kind] + secret
    const made: AccessToken = {
      tokenId: randomUUID(),
      kind: of.kind,
      userId: of.userId,
      runnerId: of.runnerId,
      name: of.name,
      start: MARK[of.kind] + secret.slice(0, SHOWN),
      createdAt: Date.now(),
      lastUsedAt: null,
    }
    await this.#store.query(
      `insert into access_tokens (id, hash, kind, user_id, runner_id, name, start, created_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [made.tokenId, hash(token), made.kind, made.userId, made.runnerId ?? null, made.name, made.start, made.createdAt],
    )
    return { ...made, token }
  }

  /** What a presented token stands for; undefined when it is unknown or revoked. */
  async find(token: string): Promise<AccessToken | undefined> {
    const { rows } = await this.#store.query(
      `select ${COLUMNS} from access_tokens where hash = $1 and revoked_at is null`,
      [hash(token)],
    )
    const found = rows[0] && fromRow(rows[0])
    if (found && Date.now() - (found.lastUsedAt ?? 0) > USE_NOTED_EVERY_MS) {
      await this.#store.query('update access_tokens set last_used_at = $2 where id = $1', [found.tokenId, Date.now()])
    }
    return found
  }

  /** The tokens of a user that still work; never the secrets themselves. */
  async list(userId: string): Promise<AccessToken[]> {
    const { rows } = await this.#store.query(
      `select ${COLUMNS} from access_tokens where user_id = $1 and revoked_at is null order by created_at`,
      [userId],
    )
    return rows.map(fromRow)
  }

  /** Ends a token of that user. False when there is none of that id. */
  async revoke(userId: string, tokenId: string): Promise<boolean> {
    const { affectedRows } = await this.#store.query(
      `update access_tokens set revoked_at = $3 where id = $1 and user_id = $2 and revoked_at is null`,
      [tokenId, userId, Date.now()],
    )
    return affectedRows === 1
  }
}

function hash(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}

function fromRow(row: Record<string, unknown>): AccessToken {
  const parsed = rowShape.parse(row)
  return {
    tokenId: parsed.id,
    kind: parsed.kind,
    userId: parsed.user_id,
    runnerId: parsed.runner_id ?? undefined,
    name: parsed.name,
    start: parsed.start,
    createdAt: parsed.created_at,
    lastUsedAt: parsed.last_used_at,
  }
}
