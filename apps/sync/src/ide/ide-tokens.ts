import { createHash, randomBytes } from 'node:crypto'
import { LIMITS } from '../limits.ts'
import type { Store } from '../store/store-calls.ts'

/** What a token lets do, in which session, and as whom. */
export interface IdeGrant {
  readonly operation: 'open' | 'upload'
  readonly workspaceId: string
  readonly sessionId: string
  readonly userId: string
}

const MARK = 'coppice_ide_'
/** Used and old ones are forgotten after so long, milliseconds. */
const KEPT_MS = 24 * 3_600_000

const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64url')

/** Tokens of Open and Upload: for one operation of one session, for five minutes, once (I-9, I-18, I-19, I-20). */
export class IdeTokens {
  readonly #store: Pick<Store, 'query'>
  readonly #now: () => number

  constructor(store: Pick<Store, 'query'>, now: () => number) {
    this.#store = store
    this.#now = now
  }

  async mint({ operation, workspaceId, sessionId, userId }: IdeGrant): Promise<{ token: string; expiresAt: number }> {
    const token = MARK + randomBytes(32).toString('base64url')
    const expiresAt = this.#now() + LIMITS.ideTokenMs
    await this.#store.query('delete from ide_tokens where expires_at < $1', [this.#now() - KEPT_MS])
    await this.#store.query(
      'insert into ide_tokens (hash, operation, workspace_id, session_id, user_id, expires_at) values ($1, $2, $3, $4, $5, $6)',
      [hashOf(token), operation, workspaceId, sessionId, userId, expiresAt],
    )
    return { token, expiresAt }
  }

  /**
   * Uses a token: of two who come at once, one statement of the database lets in one.
   * @returns what it grants; undefined where it is none, another operation's, used, or too old: which is not told
   */
  async claim(token: string, operation: IdeGrant['operation']): Promise<IdeGrant | undefined> {
    const { rows } = await this.#store.query(
      `update ide_tokens set used_at = $3 where hash = $1 and operation = $2 and used_at is null and expires_at > $3
       returning workspace_id, session_id, user_id`,
      [hashOf(token), operation, this.#now()],
    )
    const found = rows[0]
    if (!found) return undefined
    const text = (name: string): string => String(found[name])
    return { operation, workspaceId: text('workspace_id'), sessionId: text('session_id'), userId: text('user_id') }
  }

  /** It was claimed for something that did not happen: it may be used again. */
  async giveBack(token: string): Promise<void> {
    await this.#store.query('update ide_tokens set used_at = null where hash = $1', [hashOf(token)])
  }
}
