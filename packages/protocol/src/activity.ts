import { runActivitySchema } from '@coppice/events'
import { z } from 'zod'

/**
 * What the agent of a session is at (agent:activity, REC-42): from its runner to the server, and from there to all who may
 * see the session, whether they look at it or not. Whole each time; the last of a turn says that it is over.
 */
export const activitySchema = z.object({
  t: z.literal('activity'),
  log: z.string().max(100),
  session: z.string().max(64),
  turnId: z.string().max(64),
  activity: runActivitySchema,
  over: z.boolean(),
})
export type ActivityMessage = z.infer<typeof activitySchema>
