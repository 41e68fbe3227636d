import { idSchema } from '@coppice/events'
import { previewRequestSchema } from '@coppice/protocol'
import { Hono } from 'hono'
import { refusal, someoneSignedIn, type AskingEnv } from '../http/asking.ts'
import type { Identify } from '../sign-in/identify.ts'
import { ENTER_PATH } from './preview-proxy.ts'
import type { PreviewHost } from './preview-host.ts'
import type { Previews } from './previews.ts'

/** `POST /api/previews`: a link to a port of a session, for the browser of who asks (TR-7). */
export function previewRoutes(parts: { identify: Identify; previews: Previews; host: PreviewHost }): Hono<AskingEnv> {
  const { previews, host } = parts
  const app = new Hono<AskingEnv>()
  app.use('*', someoneSignedIn(parts.identify))
  app.post('/', async (c) => {
    const body = previewRequestSchema.safeParse(await c.req.json().catch(() => undefined))
    if (!body.success || !idSchema.safeParse(body.data.sessionId).success)
      return refusal(c, 400, 'invalid', 'Name a workspace, a session and a port.')
    const { principal } = c.var
    if (!previews.maySee(principal, body.data.workspaceId))
      return refusal(c, 403, 'forbidden', 'Only members of the workspace can open previews.')
    const { preview, token } = previews.open(body.data, { principal, headers: c.req.raw.headers })
    const address = new URL(c.req.url)
    if (c.req.header('x-forwarded-proto') === 'https') address.protocol = 'https:'
    const origin = host.originOf(preview.id, address)
    if (origin === undefined)
      return refusal(
        c,
        409,
        'unsupported',
        'Previews need host names of their own here: set COPPICE_PREVIEW_HOST to a domain all of whose subdomains lead to this server (docs/operations.md).',
      )
    return c.json({ ok: true, data: { url: `${origin}${ENTER_PATH}?token=${token}` } })
  })
  return app
}
