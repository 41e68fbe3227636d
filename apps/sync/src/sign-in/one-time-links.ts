import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { APIError, createAuthEndpoint, getSessionFromCtx } from 'better-auth/api'
import { setSessionCookie } from 'better-auth/cookies'
import type { BetterAuthPlugin } from 'better-auth'
import { roleSchema } from '@coppice/events'
import { oneLineSchema } from '@coppice/protocol'
import { z } from 'zod'

/** What opening a link does. It is kept with the link's hash and never leaves the server. */
export const grantShape = z.discriminatedUnion('kind', [
  /** Signs the owner in for the first time, and asks the name. */
  z.object({ kind: z.literal('owner'), userId: z.string() }),
  /** Signs a user in who is here already, on another device. */
  z.object({ kind: z.literal('device'), userId: z.string() }),
  /** Makes whoever opens it a member of a workspace, and a user if they are none. */
  z.object({ kind: z.literal('invitation'), invitationId: z.string(), workspaceId: z.string(), role: roleSchema }),
])
export type Grant = z.infer<typeof grantShape>

/** The part of better-auth's context that links are kept with. */
export interface VerificationStore {
  createVerificationValue(value: { identifier: string; value: string; expiresAt: Date }): Promise<unknown>
  findVerificationValue(identifier: string): Promise<{ value: string; expiresAt: Date } | null>
  deleteVerificationByIdentifier(identifier: string): Promise<unknown>
}

const PREFIX = 'join:'

/** 256 random bits; only its hash is kept. */
function newToken(): string {
  return randomBytes(32).toString('base64url')
}

/** The name under which a link is kept. */
export function linkIdentifier(token: string): string {
  return PREFIX + createHash('sha256').update(token).digest('base64url')
}

/** Makes a link's token. It is shown once; the store holds its hash, what it grants and until when. */
export async function createLink(links: VerificationStore, grant: Grant, lifetimeMs: number): Promise<string> {
  const token = newToken()
  await links.createVerificationValue({
    identifier: linkIdentifier(token),
    value: JSON.stringify(grant),
    expiresAt: new Date(Date.now() + lifetimeMs),
  })
  return token
}

/** What a link would grant, without using it up: for the page that asks the name (mail scanners open links, too). */
export async function peekLink(links: VerificationStore, token: string): Promise<Grant | undefined> {
  const found = await links.findVerificationValue(linkIdentifier(token))
  if (found === null || found.expiresAt < new Date()) return undefined
  return grantShape.parse(JSON.parse(found.value))
}

const joinBody = z.object({ token: z.string().min(1).max(200), name: oneLineSchema(80) })

/** What the rest of the server does when a link is opened. */
export interface Admission {
  /** Why this link can no longer be honoured; undefined if it can. Asked before anything is made. */
  objection(grant: Grant): Promise<string | undefined>
  /** The person is known now: make them a member of what the link grants. Comes before the session begins. */
  admit(grant: Grant, person: { id: string; name: string }): Promise<void>
}

/**
 * Signs in by a one-time link, like better-auth's magic link without the mail: the token is consumed atomically,
 * the user made if the grant needs one, and a session begins. Somebody who is signed in accepts an invitation as
 * who they are.
 */
export function oneTimeLinks(admission: Admission) {
  return {
    id: 'one-time-links',
    endpoints: {
      joinByLink: createAuthEndpoint('/join', { method: 'POST', body: joinBody, requireHeaders: true }, async (ctx) => {
        const { internalAdapter } = ctx.context
        const consumed = await internalAdapter.consumeVerificationValue(linkIdentifier(ctx.body.token))
        if (!consumed) throw gone('This link was used already or has expired.')
        const grant = grantShape.parse(JSON.parse(consumed.value))
        const objection = await admission.objection(grant)
        if (objection !== undefined) throw gone(objection)
        const signedIn = grant.kind === 'invitation' ? await getSessionFromCtx(ctx) : null
        if (signedIn) {
          await admission.admit(grant, { id: signedIn.user.id, name: signedIn.user.name })
          return ctx.json({ userId: signedIn.user.id })
        }
        const user =
          grant.kind === 'invitation'
            ? await internalAdapter.createUser(newUser(ctx.body.name), { method: 'one-time-link' })
            : await internalAdapter.findUserById(grant.userId)
        if (!user) throw gone('The user of this link is no longer here.')
        const name = grant.kind === 'device' ? user.name : ctx.body.name || user.name
        await admission.admit(grant, { id: user.id, name })
        if (name !== user.name) await internalAdapter.updateUser(user.id, { name })
        const session = await internalAdapter.createSession(user.id)
        await setSessionCookie(ctx, { session, user })
        return ctx.json({ userId: user.id })
      }),
    },
  } satisfies BetterAuthPlugin
}

/** The library wants an address; there is no mail here, so it gets one that can never exist (RFC 2606). */
export const newUser = (name: string) => ({
  name: name || 'Somebody',
  email: `${randomUUID()}@users.coppice.invalid`,
  emailVerified: true,
})

const gone = (message: string): APIError => new APIError('GONE', { code: 'link_spent', message })
