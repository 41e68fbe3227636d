import { roleSchema } from '@coppice/events'
import { z } from 'zod'

/** One line as people name things, at most `most` characters, without the control characters that no screen can show and no database keeps. */
export const oneLineSchema = (most: number) =>
  z
    .string()
    .trim()
    .max(most)
    .regex(/^\P{Cc}*$/u, 'has characters that cannot be shown')

/** One envelope for every REST answer and every error. */
export const okSchema = <T extends z.ZodType>(data: T) => z.object({ ok: z.literal(true), data })
export const failedSchema = z.object({ ok: z.literal(false), error: z.string(), code: z.string() })

/** GET /api/me */
export const meSchema = z.object({
  userId: z.string(),
  name: z.string(),
  role: roleSchema,
  serverVersion: z.string(),
  /** The name of the machine that the server runs on; absent where an older one has not said. */
  host: z.string().optional(),
  /** For the owner: the folder the server was started from, to be offered as the first repository. */
  suggestedPath: z.string().optional(),
})
export type Me = z.infer<typeof meSchema>

/** POST /api/invitations {workspaceId, role} -> the link, shown once */
export const invitationRequestSchema = z.object({ workspaceId: z.string().max(64), role: roleSchema })
export const invitationAnswerSchema = z.object({ invitationId: z.string(), link: z.string(), expiresAt: z.number() })

/** POST /api/tokens {name, kind} -> the token, shown once; GET /api/tokens -> list; DELETE /api/tokens/:id */
export const tokenRequestSchema = z.object({ name: oneLineSchema(100).min(1), kind: z.enum(['api', 'runner']) })
export const tokenSchema = z.object({
  tokenId: z.string(),
  name: z.string(),
  kind: z.enum(['api', 'runner']),
  /** The token's first characters, to tell tokens apart. */
  start: z.string(),
  createdAt: z.number(),
  lastUsedAt: z.number().nullable(),
})
/** `runnerId`: of a runner's token, what workspaces name it by. */
export const newTokenSchema = tokenSchema.extend({ token: z.string(), runnerId: z.string().optional() })

/** POST /api/devices -> a link that signs another device of the same person in */
export const deviceLinkSchema = z.object({ link: z.string(), expiresAt: z.number() })

/** POST /api/backup {folder} -> when it was made; the folder is on the server's machine and must not be there yet */
export const backupRequestSchema = z.object({ folder: z.string().min(1).max(4096) })
export const backupAnswerSchema = z.object({ madeAt: z.number() })

/** POST /api/previews {workspaceId, sessionId, port} -> a link that opens the port in a browser, once */
export const previewRequestSchema = z.object({
  workspaceId: z.string().max(64),
  sessionId: z.string().max(64),
  port: z.int().min(1).max(65_535),
})
export const previewAnswerSchema = z.object({ url: z.string() })

/** POST /api/ide-tokens {workspaceId, sessionId, operation} -> the commands to paste into a shell, each with a token that works once */
export const ideTokenRequestSchema = z.object({
  workspaceId: z.string().max(64),
  sessionId: z.string().max(64),
  operation: z.enum(['open', 'upload']),
})
export const ideTokenAnswerSchema = z.object({ bash: z.string(), powershell: z.string(), expiresAt: z.number() })
