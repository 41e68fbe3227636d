import { roleSchema } from '@coppice/events'
import { z } from 'zod'
import { serverKeySchema } from './proof.ts'

/** A log that the one who connected may read, with its epoch and head right now. */
export const logAccessSchema = z.object({
  log: z.string(),
  epoch: z.string(),
  head: z.int().min(0),
  /** Role in the workspace (or installation); a runner has none. */
  role: roleSchema.optional(),
})
export type LogAccess = z.infer<typeof logAccessSchema>

/** The server's answer to hello. */
export const welcomeSchema = z.object({
  t: z.literal('welcome'),
  version: z.int(),
  serverVersion: z.string(),
  serverTime: z.number(),
  /** Who the server takes this connection for. */
  principal: z.object({ kind: z.enum(['user', 'runner']), id: z.string(), name: z.string() }),
  logs: z.array(logAccessSchema),
  /** Runners only: the epoch of what they observe from now on. */
  producerEpoch: z.int().optional(),
  /** Runners only: how often they say that they are there, and when to let go without an answer, milliseconds. */
  lease: z.object({ renewMs: z.int().min(1), letGoMs: z.int().min(1) }).optional(),
  /** Runners that are connected right now. */
  runnersOnline: z.array(z.string()),
  /** What tree heads and snapshots are signed with. */
  serverKey: serverKeySchema.optional(),
  /** Version of the projection code that made the headers this server sends. */
  projection: z.int().optional(),
})
export type Welcome = z.infer<typeof welcomeSchema>

/** What may be read has changed: a workspace was made, joined, left; or a role changed. The whole list again. */
export const accessSchema = z.object({ t: z.literal('access'), logs: z.array(logAccessSchema) })

/** Runners came or went. The whole list again. */
export const runnersSchema = z.object({ t: z.literal('runners'), online: z.array(z.string()) })
