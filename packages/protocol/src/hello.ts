import { z } from 'zod'

/** First message of a client. A runner's hello starts a new producer epoch and fences the one before it. */
export const helloSchema = z.object({
  t: z.literal('hello'),
  version: z.int().min(1),
  oldest: z.int().min(1),
  role: z.enum(['client', 'runner']),
  /** Stable per replica or runner process; shown to operators. */
  clientId: z.string().max(64),
  appVersion: z.string().max(40),
})
export type Hello = z.infer<typeof helloSchema>
