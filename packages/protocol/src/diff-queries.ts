import { z } from 'zod'

const session = { sessionId: z.string().max(64) }
const failure = z.object({ ok: z.literal(false), code: z.string(), message: z.string() })
/** A git object: a tree or commit that an answer named before. */
const objectId = z.string().regex(/^[0-9a-f]{40,64}$/)
const path = z.string().min(1).max(4096)

/** Files of one request for patches; lines of one request for lines. */
export const PATCHES_AT_ONCE = 50
export const LINES_AT_ONCE = 2_000

/** Checkpoints that one blame looks at. */
export const BLAMED_CHECKPOINTS = 1_000

/** What is compared with what. */
export const diffScopeSchema = z.discriminatedUnion('kind', [
  /** All that the session changed since its branch point, committed and not. */
  z.object({ kind: z.literal('base') }),
  /** Since the last commit. */
  z.object({ kind: z.literal('head') }),
  /** What a commit would take, */
  z.object({ kind: z.literal('staged') }),
  /** and what it would leave. */
  z.object({ kind: z.literal('index') }),
  /** Since a checkpoint, or from one to another. */
  z.object({ kind: z.literal('checkpoint'), from: z.string().max(64), to: z.string().max(64).optional() }),
  /** One commit of the session's branch. */
  z.object({ kind: z.literal('commit'), commit: objectId }),
])
export type DiffScope = z.infer<typeof diffScopeSchema>

const ignoreSpace = z.boolean().default(false)

/** Reads of what a session changed: first the files, then the patches that are looked at, then lines around them. */
export const diffRequests = [
  z.object({ kind: z.literal('diff.files'), ...session, scope: diffScopeSchema, ignoreSpace }),
  z.object({
    kind: z.literal('diff.patches'),
    ...session,
    from: objectId,
    to: objectId,
    ignoreSpace,
    files: z
      .array(z.object({ path, from: path.optional() }))
      .min(1)
      .max(PATCHES_AT_ONCE),
    /** Where one file's patch goes on, in characters, as the answer before said. */
    offset: z.int().min(0).default(0),
  }),
  z.object({
    kind: z.literal('diff.lines'),
    ...session,
    tree: objectId,
    path,
    /** From 1; both ends included. */
    from: z.int().min(1),
    to: z.int().min(1),
  }),
  /** Between which checkpoints the lines of a file came to be as they are. */
  z.object({
    kind: z.literal('diff.blame'),
    ...session,
    tree: objectId,
    path,
    /** Commits of the session's checkpoints, oldest first. */
    checkpoints: z.array(objectId).max(BLAMED_CHECKPOINTS),
  }),
] as const

/** Their answers, by the kind of the request. */
export const diffAnswers = {
  'diff.files': z.discriminatedUnion('ok', [
    failure,
    z.object({
      ok: z.literal(true),
      /** The two sides: trees that do not change any more. */
      from: objectId,
      to: objectId,
      files: z.array(
        z.object({
          path: z.string(),
          /** Its earlier name. */
          from: z.string().optional(),
          status: z.enum(['added', 'modified', 'deleted', 'renamed', 'type_changed']),
          additions: z.int().min(0),
          deletions: z.int().min(0),
          binary: z.boolean().default(false),
          /** Changes with the file's content on either side. */
          content: z.string(),
          /** A link, or a submodule; other files say nothing. */
          is: z.enum(['link', 'submodule']).optional(),
        }),
      ),
      /** There are more changed files than are named. */
      truncated: z.boolean(),
    }),
  ]),
  'diff.patches': z.discriminatedUnion('ok', [
    failure,
    z.object({
      ok: z.literal(true),
      /** As asked, as far as there is room: what is missing at the end is asked for again. */
      patches: z.array(
        z.object({
          path: z.string(),
          /** Unified diff, or a part of one. */
          patch: z.string(),
          /** Where it goes on; absent where this is all. */
          next: z.int().optional(),
        }),
      ),
    }),
  ]),
  'diff.lines': z.discriminatedUnion('ok', [
    failure,
    z.object({
      ok: z.literal(true),
      lines: z.array(z.string()),
      /** Lines of the whole file. */
      total: z.int().min(0),
    }),
  ]),
  'diff.blame': z.discriminatedUnion('ok', [
    failure,
    z.object({
      ok: z.literal(true),
      /** Runs of lines, in no order: the first line, how many, and the checkpoint that had them first. */
      runs: z.array(
        z.object({
          line: z.int().min(1),
          count: z.int().min(1),
          /** A checkpoint's commit; `base`: older than the session; `now`: newer than its last checkpoint. */
          by: z.string(),
        }),
      ),
    }),
  ]),
} as const
