import os from 'node:os'
import { atLeast, idSchema, newId, type Refusal, type Role } from '@coppice/events'
import {
  backupRequestSchema,
  invitationRequestSchema,
  type RunnersAnswer,
  tokenRequestSchema,
  type ServerExamination,
} from '@coppice/protocol'
import { Hono, type Context } from 'hono'
import { createMiddleware } from 'hono/factory'
import { bodyLimit } from 'hono/body-limit'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { z } from 'zod'
import type { Directory } from '../access/directory.ts'
import { BackupRefused } from '../backup/backup.ts'
import type { Backup } from '../backup/backup-file.ts'
import { LIMITS } from '../limits.ts'
import type { Principal } from '../principal.ts'
import type { AccessToken, AccessTokens } from '../sign-in/access-tokens.ts'
import type { Identify } from '../sign-in/identify.ts'
import { isForeignScript, isSameOrigin } from '../sign-in/same-origin.ts'
import { LINK_LIFETIME_MS, type SignIn } from '../sign-in/sign-in.ts'

type User = Extract<Principal, { kind: 'user' }>
type Env = { Variables: { user: User } }

/** What the routes change in the logs; a refusal comes back as it is. */
export interface ApiCommands {
  invite(
    by: User,
    of: { workspaceId: string; invitationId: string; role: Role; expiresAt: number },
  ): Promise<Refusal | undefined>
  registerRunner(runner: { id: string; name: string }): Promise<Refusal | undefined>
}

/** The REST routes under `/api`, but for sign-in's own. Answers and errors share one envelope. */
export function api(options: {
  identify: Identify
  signIn: Pick<SignIn, 'createLink'>
  tokens: AccessTokens
  directory: Directory
  commands: ApiCommands
  /** How the runners, and the server itself, are doing. */
  runners(): Promise<RunnersAnswer>
  serverVersion: string
  /** Told to the owner only: it is a path on this machine. */
  suggestedPath: string | undefined
  /** A token or session ended: who still holds a connection by it must go. */
  credentialsEnded(): void
  /** Copies the server's data into a new folder on its machine. */
  backUp(target: string): Promise<Backup>
  /** Looks at all that the server keeps, and changes nothing. */
  examine(): Promise<ServerExamination>
}): Hono<Env> {
  const { identify, signIn, tokens, directory, commands } = options
  const app = new Hono<Env>()

  app.use(
    '*',
    bodyLimit({
      maxSize: LIMITS.requestBytes,
      onError: (c) => fail(c, 413, 'too_large', `A request has at most ${LIMITS.requestBytes / 1024} KiB.`),
    }),
  )
  app.use('*', signedIn(identify))

  app.get('/me', (c) => {
    const { id, name } = c.var.user
    const role = directory.instanceRole(id)
    if (role === undefined) return fail(c, 403, 'forbidden', 'You are no longer a member of this server.')
    const suggestion = role === 'owner' && options.suggestedPath ? { suggestedPath: options.suggestedPath } : {}
    return ok(c, { userId: id, name, role, serverVersion: options.serverVersion, host: os.hostname(), ...suggestion })
  })

  app.get('/tokens', async (c) => ok(c, (await tokens.list(c.var.user.id)).map(shown)))

  app.post('/tokens', async (c) => {
    const body = await parse(c, tokenRequestSchema)
    if (!body.ok) return body.response
    const { user } = c.var
    const { kind, name } = body.data
    if (kind === 'api') return ok(c, withToken(await tokens.create({ kind, userId: user.id, name })))
    const role = directory.instanceRole(user.id)
    if (role === undefined || !atLeast(role, 'admin'))
      return fail(c, 403, 'forbidden', 'Only an admin of this server can add a runner.')
    const runnerId = newId()
    const refusal = await commands.registerRunner({ id: runnerId, name })
    if (refusal) return fail(c, 409, refusal.code, refusal.message)
    // Its id is what a workspace names it by.
    return ok(c, { ...withToken(await tokens.create({ kind, userId: user.id, runnerId, name })), runnerId })
  })

  app.delete('/tokens/:tokenId', async (c) => {
    const tokenId = c.req.param('tokenId')
    const revoked = idSchema.safeParse(tokenId).success && (await tokens.revoke(c.var.user.id, tokenId))
    if (!revoked) return fail(c, 404, 'not_found', 'You have no such token, or it was revoked already.')
    options.credentialsEnded()
    return ok(c, {})
  })

  app.post('/invitations', async (c) => {
    const body = await parse(c, invitationRequestSchema)
    if (!body.ok) return body.response
    const { workspaceId, role } = body.data
    const { user } = c.var
    const own = directory.workspace(workspaceId)?.members[user.id]?.role
    if (own === undefined) return fail(c, 404, 'not_found', 'You are in no such workspace.')
    if (!atLeast(own, 'admin'))
      return fail(c, 403, 'forbidden', `Only an admin of the workspace can invite; you are a ${own}.`)
    if (!atLeast(own, role))
      return fail(c, 403, 'forbidden', `You are ${own} there, so you cannot make somebody ${role}.`)
    const invitationId = newId()
    const expiresAt = Date.now() + LINK_LIFETIME_MS
    const refusal = await commands.invite(user, { workspaceId, invitationId, role, expiresAt })
    if (refusal) return fail(c, 409, refusal.code, refusal.message)
    const token = await signIn.createLink({ kind: 'invitation', invitationId, workspaceId, role })
    return ok(c, { invitationId, link: linkTo(c, token), expiresAt })
  })

  app.get('/runners', async (c) => {
    // What the log of the installation tells its people anyway, and how it is at this moment.
    if (directory.instanceRole(c.var.user.id) === undefined)
      return fail(c, 403, 'forbidden', 'You are no longer a member of this server.')
    return ok(c, await options.runners())
  })

  app.post('/devices', async (c) => {
    const token = await signIn.createLink({ kind: 'device', userId: c.var.user.id })
    return ok(c, { link: linkTo(c, token), expiresAt: Date.now() + LINK_LIFETIME_MS })
  })

  app.post('/backup', async (c) => {
    const body = await parse(c, backupRequestSchema)
    if (!body.ok) return body.response
    if (directory.instanceRole(c.var.user.id) !== 'owner')
      return fail(c, 403, 'forbidden', 'Only the owner of this server can back it up: a backup has everything in it.')
    try {
      return ok(c, await options.backUp(body.data.folder))
    } catch (error) {
      if (error instanceof BackupRefused) return fail(c, 409, 'refused', error.message)
      throw error
    }
  })

  app.post('/doctor', async (c) => {
    if (directory.instanceRole(c.var.user.id) !== 'owner')
      return fail(
        c,
        403,
        'forbidden',
        'Only the owner of this server can have it examined: all logs are read for that.',
      )
    return ok(c, await options.examine())
  })

  app.all('*', (c) => fail(c, 404, 'not_found', `There is no route ${c.req.method} ${c.req.path}.`))
  return app
}

/** Lets signed-in people and their programs in. What a browser sends by itself counts only from our own pages. */
const signedIn = (identify: Identify) =>
  createMiddleware<Env>(async (c, next) => {
    const identity = await identify(c.req.raw.headers)
    if (identity === undefined)
      return fail(c, 401, 'unauthorized', 'Sign in first: open a link from `coppice link`, or send a token.')
    if (identity.principal.kind !== 'user') return fail(c, 403, 'forbidden', 'A runner token is only for a runner.')
    const changes = c.req.method !== 'GET' && c.req.method !== 'HEAD'
    if (identity.by === 'cookie' && isForeignScript(c.req))
      return fail(c, 403, 'forbidden', 'A page of another site asked for this, so nothing was done.')
    const origin = c.req.header('origin')
    if (identity.by === 'cookie' && changes && !(origin !== undefined && isSameOrigin(origin, c.req.header('host'))))
      return fail(c, 403, 'forbidden', 'This request came from another site, so nothing was done.')
    c.header('Cache-Control', 'no-store')
    c.set('user', identity.principal)
    await next()
    return undefined
  })

async function parse<T extends z.ZodType>(
  c: Context<Env>,
  schema: T,
): Promise<{ ok: true; data: z.output<T> } | { ok: false; response: Response }> {
  let value: unknown
  try {
    value = await c.req.json()
  } catch (error) {
    return {
      ok: false,
      response: fail(
        c,
        400,
        'invalid',
        `The body is not JSON: ${error instanceof Error ? error.message : String(error)}`,
      ),
    }
  }
  const parsed = schema.safeParse(value)
  if (parsed.success) return { ok: true, data: parsed.data }
  const issue = parsed.error.issues[0]
  return {
    ok: false,
    response: fail(c, 400, 'invalid', issue ? `${issue.path.map(String).join('.')}: ${issue.message}` : 'not valid'),
  }
}

const ok = (c: Context, data: unknown): Response => c.json({ ok: true, data })

const fail = (c: Context, status: ContentfulStatusCode, code: string, error: string): Response =>
  c.json({ ok: false, error, code }, status)

const shown = ({ tokenId, name, kind, start, createdAt, lastUsedAt }: AccessToken) => ({
  tokenId,
  name,
  kind,
  start,
  createdAt,
  lastUsedAt,
})
const withToken = (made: AccessToken & { token: string }) => ({ ...shown(made), token: made.token })

/** A link as the one who asked reaches this server. */
const linkTo = (c: Context, token: string): string => `${new URL(c.req.url).origin}/join/${token}`
