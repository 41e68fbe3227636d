import { z } from 'zod'
import { payloadSchema } from './payload.ts'
import { commandIdSchema, logIdSchema, streamIdSchema } from './ids.ts'

/**
 * What somebody wants. It is decided on the client for the screen, and again on the server for the log; pushing it
 * twice gives the same receipt. `dependsOn` names earlier commands of the same outbox whose refusal refuses this one.
 */
export const commandSchema = z.object({
  id: commandIdSchema,
  log: logIdSchema,
  stream: streamIdSchema,
  type: z.string().max(80),
  /** Of the data's shape; absent means 1. A command may wait for months in the outbox of an app that was not updated. */
  schemaVersion: z.int().positive().optional(),
  data: payloadSchema,
  occurredAt: z.number(),
  correlationId: z.string().max(80),
  dependsOn: z.array(commandIdSchema).max(20).optional(),
})
export type Command = z.infer<typeof commandSchema>
