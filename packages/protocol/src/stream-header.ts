import { TABLE_NAMES } from '@coppice/events'
import { z } from 'zod'

/**
 * What is replicated of a session whose body is not: its header rows and the state that commands are decided against,
 * both after `version` events of its stream. Newer replaces older, whole.
 */
export const streamHeaderSchema = z.object({
  stream: z.string().max(100),
  version: z.int().min(1),
  state: z.record(z.string(), z.unknown()),
  rows: z.array(z.object({ table: z.enum(TABLE_NAMES), key: z.string(), row: z.record(z.string(), z.unknown()) })),
})
export type StreamHeader = z.infer<typeof streamHeaderSchema>
