import { LIMITS } from '@coppice/events'
import { z } from 'zod'

/**
 * Whose a secret is: all sessions of a workspace, or all of a runner (a provider's key). Neither is ever in an event: it goes
 * from the page to the runner, sealed for it, and stays there.
 */
export const secretScopeSchema = z.enum(['workspace', 'runner'])
export type SecretScope = z.infer<typeof secretScopeSchema>

/** The name of the environment variable that an agent finds it in. */
export const secretNameSchema = z
  .string()
  .max(LIMITS.secretNameChars)
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'a name has letters, digits and "_", and does not begin with a digit')
  .refine((name) => !reserved.test(name), 'this name belongs to the system or to Coppice')

const reserved = /^(COPPICE_.*|npm_.*|PATH|HOME|PWD|SHELL|USER|TMPDIR|NODE_OPTIONS|BASH_ENV|LD_.*|DYLD_.*)$/i

export const secretRequests = [
  z.object({ kind: z.literal('secrets.list'), scope: secretScopeSchema }),
  z.object({
    kind: z.literal('secrets.set'),
    scope: secretScopeSchema,
    name: secretNameSchema,
    /** The value, sealed for the runner (seal.ts). */
    sealed: z.string().max(LIMITS.secretBytes * 2),
  }),
  z.object({
    kind: z.literal('secrets.remove'),
    scope: secretScopeSchema,
    name: z.string().max(LIMITS.secretNameChars),
  }),
] as const

/** All that anybody is shown of a secret. */
export const shownSecretSchema = z.object({
  name: z.string(),
  /** How long it is, about. */
  length: z.enum(['8 to 16', '17 to 64', 'more than 64']),
  /** ms since 1970. */
  at: z.number(),
  /** User id of the one who set it. */
  by: z.string(),
  /** The runner cannot read it any more: its key file is gone or another one. */
  unreadable: z.boolean(),
})
export type ShownSecret = z.infer<typeof shownSecretSchema>

const failure = z.object({ ok: z.literal(false), code: z.string(), message: z.string() })
const answer = z.discriminatedUnion('ok', [
  failure,
  z.object({
    ok: z.literal(true),
    /** What values for this runner are sealed with. */
    sealKey: z.string(),
    /** The runner's id: what values of scope `runner` are sealed for. */
    runnerId: z.string(),
    secrets: z.array(shownSecretSchema),
    /** Variables that providers take their keys from, by the provider's id; the usual one first. */
    keys: z.record(z.string(), z.array(z.string())),
  }),
])

/** Each is answered with the whole list as it is then. */
export const secretAnswers = { 'secrets.list': answer, 'secrets.set': answer, 'secrets.remove': answer } as const
