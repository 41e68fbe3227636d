import { z } from 'zod'
import { BLAMED_CHECKPOINTS } from './diff-queries.ts'

/** Runs of lines in one answer; a file with more is told of, not blamed. */
export const BLAMED_RUNS = 40_000

const failure = z.object({ ok: z.literal(false), code: z.string(), message: z.string() })

/** Who wrote the lines of a file as it is in the worktree now. */
export const blameRequests = [
  z.object({
    kind: z.literal('file.blame'),
    sessionId: z.string().max(64),
    path: z.string().min(1).max(4096),
    /** Commits of the session's checkpoints, oldest first. */
    checkpoints: z.array(z.string().regex(/^[0-9a-f]{40,64}$/)).max(BLAMED_CHECKPOINTS),
  }),
] as const

/** Their answers, by the kind of the request. */
export const blameAnswers = {
  'file.blame': z.discriminatedUnion('ok', [
    failure,
    z.object({
      ok: z.literal(true),
      /** SHA-256 of the file's bytes that the lines are of. */
      sha256: z.string(),
      /** In no order: the first line, how many, and what had them first: a checkpoint, a commit, or `now`: neither yet. */
      runs: z.array(z.object({ line: z.int().min(1), count: z.int().min(1), by: z.string() })).max(BLAMED_RUNS),
      /** The commits among these; `at` in ms. */
      commits: z.array(z.object({ id: z.string(), author: z.string(), at: z.number(), summary: z.string() })),
    }),
  ]),
} as const
