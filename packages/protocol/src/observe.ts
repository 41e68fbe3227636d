import { draftEventSchema, refusalSchema } from '@coppice/events'
import { z } from 'zod'

/** Facts from a runner, all of one log, in order. Idempotent by event id; fenced by producer epoch. */
export const observeSchema = z.object({
  t: z.literal('observe'),
  /** Names the batch in the answer. */
  batch: z.string().max(64),
  log: z.string().max(100),
  events: z.array(draftEventSchema).min(1).max(500),
})

/** The batch is on disk; or it was refused whole (`fenced`: another process of this runner took over), or single events were (they never will be taken). */
export const observedSchema = z.object({
  t: z.literal('observed'),
  batch: z.string(),
  /** Present if nothing of the batch was stored. */
  refusal: refusalSchema.optional(),
  /** Events that were left out because they are not valid, with why. */
  rejected: z.array(z.object({ id: z.string(), refusal: refusalSchema })),
})
export type Observed = z.infer<typeof observedSchema>
