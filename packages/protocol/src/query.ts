import { changedFileSchema, sourceSchema, payloadSchema } from '@coppice/events'
import { z } from 'zod'
import { blameAnswers, blameRequests } from './blame-queries.ts'
import { diffAnswers, diffRequests } from './diff-queries.ts'
import { fileAnswers, fileRequests } from './file-queries.ts'
import { forgeAnswers, forgeRequests } from './forge-queries.ts'
import { pictureAnswers, pictureRequests } from './picture-queries.ts'
import { secretAnswers, secretRequests } from './secrets.ts'

const session = { sessionId: z.string().max(64) }

/** Reads that only a runner can answer. They change nothing, but for secrets: what is set there may stand in no log. */
export const queryRequestSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('repository.inspect'), source: sourceSchema }),
  z.object({ kind: z.literal('repository.branches') }),
  z.object({ kind: z.literal('git.status'), ...session }),
  z.object({
    kind: z.literal('git.diff'),
    ...session,
    path: z.string().max(4096).optional(),
    against: z.enum(['index', 'staged', 'head', 'base']),
  }),
  z.object({ kind: z.literal('git.log'), ...session }),
  ...diffRequests,
  ...blameRequests,
  ...fileRequests,
  ...forgeRequests,
  ...pictureRequests,
  /** For `/`: what the provider's agent takes at the begin of a message. */
  z.object({ kind: z.literal('commands'), ...session, provider: z.string().max(64) }),
  ...secretRequests,
])
export type QueryRequest = z.infer<typeof queryRequestSchema>

export const statusFileSchema = z.object({
  path: z.string(),
  from: z.string().optional(),
  /** git's letters: index and worktree, `?` untracked, `U` conflict. */
  index: z.string(),
  worktree: z.string(),
  additions: z.int().min(0).optional(),
  deletions: z.int().min(0).optional(),
})

/** Something an agent takes at the begin of a message. */
export const agentCommandSchema = z.object({
  /** What is typed, with its sign: `/compact`, `$skill`. */
  text: z.string(),
  /** In a line; empty where nothing is said of it. */
  description: z.string(),
  kind: z.enum(['command', 'skill']),
  /** Said by the agent, or found in its folders. */
  from: z.enum(['agent', 'worktree', 'home']),
})
export type AgentCommand = z.infer<typeof agentCommandSchema>

const failure = z.object({ ok: z.literal(false), code: z.string(), message: z.string() })

/** Answers, by the kind of the request. */
export const queryAnswerSchemas = {
  ...diffAnswers,
  ...blameAnswers,
  ...fileAnswers,
  ...forgeAnswers,
  ...pictureAnswers,
  ...secretAnswers,
  'repository.inspect': z.discriminatedUnion('ok', [
    failure,
    z.object({
      ok: z.literal(true),
      name: z.string(),
      /** Where it really is: a path given inside a repository leads to its top. */
      source: sourceSchema,
      branches: z.array(z.string()),
      starterBranch: z.string(),
      /** Truths worth telling before going on: uncommitted changes in the checkout stay out of sessions, … */
      notes: z.array(z.string()),
    }),
  ]),
  'repository.branches': z.discriminatedUnion('ok', [
    failure,
    z.object({ ok: z.literal(true), branches: z.array(z.string()), starterBranch: z.string() }),
  ]),
  'git.status': z.discriminatedUnion('ok', [
    failure,
    z.object({
      ok: z.literal(true),
      branch: z.string(),
      head: z.string(),
      upstream: z.string().optional(),
      ahead: z.int().optional(),
      behind: z.int().optional(),
      /** Commits the session has that the starter branch has not, and the reverse. */
      aheadOfBase: z.int(),
      behindBase: z.int(),
      files: z.array(statusFileSchema),
      /** Committed and uncommitted changes against the branch point. */
      changes: z.array(changedFileSchema),
      truncated: z.boolean(),
    }),
  ]),
  'git.diff': z.discriminatedUnion('ok', [
    failure,
    z.object({
      ok: z.literal(true),
      files: z.array(
        z.object({
          path: z.string(),
          from: z.string().optional(),
          status: z.string(),
          additions: z.int(),
          deletions: z.int(),
          binary: z.boolean(),
          /** Unified diff text of this file; empty where binary or too large. */
          patch: z.string(),
          tooLarge: z.boolean(),
        }),
      ),
      truncated: z.boolean(),
    }),
  ]),
  'git.log': z.discriminatedUnion('ok', [
    failure,
    z.object({
      ok: z.literal(true),
      /** The newest first. */
      commits: z.array(
        z.object({
          id: z.string(),
          subject: z.string(),
          /** What follows the subject. */
          body: z.string().default(''),
          author: z.string(),
          at: z.number(),
          files: z.int().default(0),
          additions: z.int().default(0),
          deletions: z.int().default(0),
        }),
      ),
    }),
  ]),
  commands: z.discriminatedUnion('ok', [
    failure,
    z.object({ ok: z.literal(true), commands: z.array(agentCommandSchema) }),
  ]),
} as const
export type QueryKind = QueryRequest['kind']
export type QueryAnswer<K extends QueryKind> = z.infer<(typeof queryAnswerSchemas)[K]>
export type AnyQueryAnswer = QueryAnswer<QueryKind>

/** From a client; the server passes it to the workspace's runner, or to `runnerId`: for a repository not added yet, or a stand-in's secrets. */
export const querySchema = z.object({
  t: z.literal('query'),
  id: z.string().max(64),
  /** Workspace log; for `repository.inspect` the instance log. */
  log: z.string().max(100),
  runnerId: z.string().max(64).optional(),
  /** Who asks (user id): set by the server, whatever the client says. */
  by: z.string().max(64).optional(),
  request: queryRequestSchema,
})

/** The answer. Runner away, or too slow: `ok: false` with code `runner_away` or `timeout`. */
export const queryResultSchema = z.object({
  t: z.literal('queryResult'),
  id: z.string(),
  answer: payloadSchema,
})
