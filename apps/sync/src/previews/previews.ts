import { randomBytes } from 'node:crypto'
import { atLeast, sha256Hex, workspaceLog } from '@coppice/events'
import type { Directory } from '../access/directory.ts'
import { LIMITS } from '../limits.ts'
import type { Principal } from '../principal.ts'
import type { Identify } from '../sign-in/identify.ts'

/** A port of a session that is shown under a host name of its own. */
export interface Preview {
  readonly id: string
  readonly workspaceId: string
  readonly sessionId: string
  readonly port: number
}

/** Somebody who may look at a preview, by what they are signed in with. */
interface Visit {
  readonly preview: Preview
  readonly principal: Principal
  readonly headers: Headers
  readonly expiresAt: number
}

const secret = (bytes: number): string => randomBytes(bytes).toString('hex')

/**
 * The previews of this server and who may see them. Each has a host name of its own, so that what a dev server shows is of
 * another origin than Coppice and than other previews. All of it is in memory: after a restart it is opened anew.
 */
export class Previews {
  readonly #previews = new Map<string, Preview>()
  /** By the SHA-256 of a link's token: each works once. */
  readonly #links = new Map<string, Visit>()
  /** By the SHA-256 of a cookie. */
  readonly #visits = new Map<string, Visit>()
  readonly #directory: Directory
  readonly #identify: Identify
  readonly #now: () => number

  constructor(directory: Directory, identify: Identify, now: () => number) {
    this.#directory = directory
    this.#identify = identify
    this.#now = now
  }

  /** Whether somebody may look at the ports of a workspace's sessions, and act on what listens there. */
  maySee(principal: Principal, workspaceId: string): boolean {
    const role = this.#directory.roleIn(principal, workspaceLog(workspaceId))
    return role !== undefined && atLeast(role, 'member')
  }

  /** @returns the preview, and a token that lets one browser in, once, within a minute */
  open(of: Omit<Preview, 'id'>, by: { principal: Principal; headers: Headers }): { preview: Preview; token: string } {
    const same = [...this.#previews.values()].find(
      (one) => one.sessionId === of.sessionId && one.port === of.port && one.workspaceId === of.workspaceId,
    )
    const preview = same ?? { ...of, id: secret(8) }
    this.#previews.set(preview.id, preview)
    this.#drop(this.#previews, LIMITS.previews)
    const token = secret(32)
    this.#links.set(sha256Hex(token), { preview, ...by, expiresAt: this.#now() + LIMITS.previewLinkMs })
    this.#drop(this.#links, LIMITS.previews)
    return { preview, token }
  }

  /** Takes a link's token. @returns the cookie that stands for it from now on; undefined where it was used, or is too old */
  enter(id: string, token: string): string | undefined {
    const key = sha256Hex(token)
    const link = this.#links.get(key)
    this.#links.delete(key)
    if (link === undefined || link.preview.id !== id || link.expiresAt < this.#now()) return undefined
    const cookie = secret(32)
    this.#visits.set(sha256Hex(cookie), { ...link, expiresAt: this.#now() + LIMITS.previewVisitMs })
    this.#drop(this.#visits, LIMITS.previewVisits)
    return cookie
  }

  /** The preview that a cookie lets see under a host name; undefined where it lets nobody (any more). */
  seen(id: string, cookie: string | undefined): Preview | undefined {
    const visit = cookie === undefined ? undefined : this.#visits.get(sha256Hex(cookie))
    if (visit === undefined || visit.preview.id !== id || visit.expiresAt < this.#now()) return undefined
    return this.maySee(visit.principal, visit.preview.workspaceId) ? visit.preview : undefined
  }

  /** Sign-ins have ended: who came by one of them sees nothing more. */
  async recheck(): Promise<void> {
    for (const [key, visit] of this.#visits)
      if ((await this.#identify(visit.headers)) === undefined) this.#visits.delete(key)
  }

  /** The oldest go. */
  #drop(map: Map<string, unknown>, most: number): void {
    for (const key of map.keys()) {
      if (map.size <= most) return
      map.delete(key)
    }
  }
}
