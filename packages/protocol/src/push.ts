import { commandSchema, refusalSchema } from '@coppice/events'
import { z } from 'zod'

/** Commands to decide, in order. Pushing one again gives its old receipt. */
export const pushSchema = z.object({ t: z.literal('push'), commands: z.array(commandSchema).min(1).max(100) })

/** A command is finished: accepted (its events stand at these positions; none where it changed nothing) or refused for good. */
export const receiptSchema = z.object({
  t: z.literal('receipt'),
  commandId: z.string(),
  log: z.string(),
  result: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('accepted'), from: z.int(), to: z.int() }),
    z.object({ kind: z.literal('refused'), refusal: refusalSchema }),
  ]),
})
export type Receipt = z.infer<typeof receiptSchema>
