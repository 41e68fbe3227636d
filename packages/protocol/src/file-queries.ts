import { attachmentSchema, ideOfferSchema } from '@coppice/events'
import { z } from 'zod'

const session = { sessionId: z.string().max(64) }
const glob = z.string().min(1).max(500)
const failure = z.object({ ok: z.literal(false), code: z.string(), message: z.string() })

/** Reads of a worktree's files. */
export const fileRequests = [
  z.object({ kind: z.literal('file.read'), ...session, path: z.string().max(4096) }),
  /** For `@` and quick open: files of the worktree that fit what was typed. */
  z.object({ kind: z.literal('files'), ...session, text: z.string().max(200) }),
  /** One folder; the empty path is the worktree's top. */
  z.object({ kind: z.literal('tree'), ...session, path: z.string().max(4096) }),
  /** From the server only: what a zip from a local editor would change. */
  z.object({ kind: z.literal('ide.inspect'), ...session, zip: attachmentSchema }),
  /** Ports that processes of the session listen on now. */
  z.object({ kind: z.literal('ports'), ...session }),
  /** The texts of files, line by line. */
  z.object({
    kind: z.literal('search'),
    ...session,
    text: z.string().min(1).max(1_000),
    regex: z.boolean(),
    matchCase: z.boolean(),
    /** Only whole words. */
    words: z.boolean(),
    include: z.array(glob).max(20),
    exclude: z.array(glob).max(20),
  }),
] as const

/** Their answers, by the kind of the request. */
export const fileAnswers = {
  'file.read': z.discriminatedUnion('ok', [
    failure,
    z.object({
      ok: z.literal(true),
      text: z.string(),
      binary: z.boolean(),
      tooLarge: z.boolean(),
      size: z.int(),
      /** SHA-256 of the bytes; empty where it is too large. */
      sha256: z.string().default(''),
    }),
  ]),
  'ide.inspect': z.discriminatedUnion('ok', [
    failure,
    ideOfferSchema.omit({ operationId: true, zip: true }).extend({ ok: z.literal(true) }),
  ]),
  ports: z.discriminatedUnion('ok', [
    failure,
    z.object({
      ok: z.literal(true),
      /** `process`: the name of the program. */
      ports: z.array(z.object({ port: z.int(), process: z.string() })).max(200),
    }),
  ]),
  files: z.discriminatedUnion('ok', [
    failure,
    z.object({
      ok: z.literal(true),
      /** Relative to the worktree, best first; tracked and new ones, not those that git ignores. */
      paths: z.array(z.string()).max(50),
      /** How many files there are. */
      total: z.int(),
      /** The worktree has more files than are looked through. */
      truncated: z.boolean(),
    }),
  ]),
  tree: z.discriminatedUnion('ok', [
    failure,
    z.object({
      ok: z.literal(true),
      entries: z.array(
        z.object({
          name: z.string(),
          kind: z.enum(['file', 'folder', 'link']),
          ignored: z.boolean().optional(),
          /** git's letter: `M`, `A`, `D`, `?`, `U`. */
          changed: z.string().optional(),
        }),
      ),
      truncated: z.boolean(),
    }),
  ]),
  search: z.discriminatedUnion('ok', [
    failure,
    z.object({
      ok: z.literal(true),
      files: z.array(
        z.object({
          path: z.string(),
          lines: z.array(
            z.object({
              line: z.int().min(1),
              /** Cut around its first hit where it is long. */
              text: z.string(),
              /** UTF-16 offsets into the text, end exclusive. */
              ranges: z.array(z.tuple([z.int(), z.int()])),
            }),
          ),
        }),
      ),
      /** There are more hits than are given. */
      truncated: z.boolean(),
    }),
  ]),
} as const
