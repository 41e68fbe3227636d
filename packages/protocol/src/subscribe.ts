import { recordedEventSchema } from '@coppice/events'
import { z } from 'zod'

/** From here on I want every event of this log after `position`, once, in order. Epoch empty: I have nothing yet. */
export const subscribeSchema = z.object({
  t: z.literal('subscribe'),
  log: z.string().max(100),
  epoch: z.string().max(64),
  position: z.int().min(0),
})
export const unsubscribeSchema = z.object({ t: z.literal('unsubscribe'), log: z.string().max(100) })

/** Events `from+1 … to` of a log; the subscriber's cursor must stand at `from`, and stands at `to` afterwards. `head` tells how far behind that is. */
export const eventsSchema = z.object({
  t: z.literal('events'),
  log: z.string(),
  epoch: z.string(),
  from: z.int().min(0),
  to: z.int().min(0),
  head: z.int().min(0),
  events: z.array(recordedEventSchema),
})
export type EventsMessage = z.infer<typeof eventsSchema>

/** The cursor does not fit this log (another epoch, or past its head): start again from 0. The outbox is kept. */
export const resetSchema = z.object({
  t: z.literal('reset'),
  log: z.string(),
  epoch: z.string(),
  head: z.int().min(0),
  reason: z.string(),
})
