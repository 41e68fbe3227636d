import { z } from 'zod'

const session = { sessionId: z.string().max(64) }
const failure = z.object({ ok: z.literal(false), code: z.string(), message: z.string() })
const address = z.string().max(2_000)

/** The pull request of a session's branch (G-14), as its forge has it now. */
export const forgeRequests = [z.object({ kind: z.literal('forge.read'), ...session })] as const

const pullRequestSchema = z.object({
  number: z.int(),
  url: address,
  title: z.string(),
  state: z.enum(['open', 'merged', 'closed']),
  draft: z.boolean(),
  checks: z.array(
    z.object({
      name: z.string(),
      state: z.enum(['waiting', 'running', 'passed', 'failed', 'skipped']),
      /** In a line; may be empty. */
      says: z.string(),
      url: address,
    }),
  ),
  comments: z.array(
    z.object({
      author: z.string(),
      text: z.string(),
      /** Where it is on a line of the diff. */
      path: z.string().optional(),
      line: z.int().optional(),
      at: z.number(),
      url: address,
    }),
  ),
})
export type ForgePullRequest = z.infer<typeof pullRequestSchema>

export const forgeAnswers = {
  'forge.read': z.discriminatedUnion('ok', [
    failure,
    z.object({
      ok: z.literal(true),
      /** Whether a pull request can be made from here: `none` is no known forge, `locked` is one without a token. */
      forge: z.enum(['github', 'gitlab', 'locked', 'none']),
      /** Where a person can make one by hand, once the branch is pushed. */
      compareUrl: address.optional(),
      request: pullRequestSchema.optional(),
    }),
  ]),
} as const
