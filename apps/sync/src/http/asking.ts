import type { Context } from 'hono'
import { createMiddleware } from 'hono/factory'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { LIMITS } from '../limits.ts'
import type { Principal } from '../principal.ts'
import type { Identify } from '../sign-in/identify.ts'
import { isForeignScript, isSameOrigin } from '../sign-in/same-origin.ts'

/** With a request that was let in: who asks. */
export interface AskingEnv {
  Variables: { principal: Principal }
}

/** Lets in whoever is signed in, person or runner; a change with a cookie only from our own pages. */
export const someoneSignedIn = (identify: Identify) =>
  createMiddleware<AskingEnv>(async (c, next) => {
    const identity = await identify(c.req.raw.headers)
    if (identity === undefined)
      return refusal(c, 401, 'unauthorized', 'Sign in first: open a link from `coppice link`, or send a token.')
    const changes = !['GET', 'HEAD', 'OPTIONS'].includes(c.req.method)
    if (identity.by === 'cookie' && isForeignScript(c.req))
      return refusal(c, 403, 'forbidden', 'A page of another site asked for this, so nothing was done.')
    const origin = c.req.header('origin')
    if (identity.by === 'cookie' && changes && !(origin !== undefined && isSameOrigin(origin, c.req.header('host'))))
      return refusal(c, 403, 'forbidden', 'This request came from another site, so nothing was done.')
    c.set('principal', identity.principal)
    await next()
    return undefined
  })

/** What a request for somebody's bytes may be used for. A page must never run them: not as a script, style or worker. */
const HARMLESS_USES = new Set(['', 'empty', 'document', 'image', 'audio', 'video'])

/**
 * For routes that give out what people and agents have written, under types of their choosing: whatever it is, it runs
 * nowhere, and no other site may load it. Stands before the pages' own policy, so that it has the last word.
 */
export const foreignContent = createMiddleware(async (c, next) => {
  if (!HARMLESS_USES.has(c.req.header('sec-fetch-dest') ?? ''))
    return refusal(c, 403, 'forbidden', 'This is somebody’s data: it is not run.')
  await next()
  c.header('Content-Security-Policy', "default-src 'none'; sandbox")
  c.header('Cross-Origin-Resource-Policy', 'same-origin')
  c.header('X-Content-Type-Options', 'nosniff')
  return undefined
})

/** An answer that nothing was done, in the envelope of every route. */
export function refusal(
  c: Context,
  status: ContentfulStatusCode,
  code: string,
  error: string,
  headers: Record<string, string> = {},
): Response {
  return c.json({ ok: false, error, code }, status, headers)
}

/**
 * The body's bytes; undefined if there are more than `limit`. The rest is read then, too, and let go: a sender whose connection
 * is cut while it sends does not hear the answer. Of much more than that not even the first byte is read.
 */
export async function bodyBytes(request: Request, limit: number): Promise<Uint8Array | undefined> {
  const most = limit + LIMITS.letGoBytes
  if (Number(request.headers.get('content-length') ?? 0) > most) return undefined
  let parts: Uint8Array[] = []
  let length = 0
  for await (const part of request.body ?? []) {
    length += part.length
    if (length > most) return undefined
    if (length > limit) parts = []
    else parts.push(part)
  }
  if (length > limit) return undefined
  return parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts)
}
