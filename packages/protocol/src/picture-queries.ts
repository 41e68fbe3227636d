import { z } from 'zod'

/** Media types of the pictures that are shown. */
export const PICTURE_TYPES = [
  'image/png',
  'image/jpeg',
  'image/gif',
  'image/webp',
  'image/avif',
  'image/svg+xml',
] as const
export type PictureType = (typeof PICTURE_TYPES)[number]

/** A larger picture is told of, not shown. Bytes. */
export const LARGEST_PICTURE = 16 * 1024 * 1024

const failure = z.object({ ok: z.literal(false), code: z.string(), message: z.string() })

/** Reads of pictures, in parts. */
export const pictureRequests = [
  z.object({
    kind: z.literal('picture.read'),
    sessionId: z.string().max(64),
    path: z.string().min(1).max(4096),
    /** As it is in a tree that a comparison named; else as it is in the worktree. */
    tree: z
      .string()
      .regex(/^[0-9a-f]{40,64}$/)
      .optional(),
    /** Where to go on, as the answer before said; bytes. */
    offset: z.int().min(0).default(0),
  }),
] as const

/** Their answers, by the kind of the request. */
export const pictureAnswers = {
  'picture.read': z.discriminatedUnion('ok', [
    failure,
    z.object({
      ok: z.literal(true),
      /** What the bytes are, whatever the name says. */
      type: z.enum(PICTURE_TYPES),
      /** Of the whole picture: bytes, and SHA-256. Parts with different ones do not belong together. */
      size: z.int().min(0),
      sha256: z.string(),
      /** This part, in base64. */
      data: z.string(),
      /** Where it goes on; absent where this is the end. */
      next: z.int().optional(),
    }),
  ]),
} as const

/** Whether a file's name is that of a picture that can be shown. */
export const isPicturePath = (path: string): boolean => /\.(png|jpe?g|gif|webp|avif|svg)$/i.test(path)
