import { z } from 'zod'
import { activitySchema } from './activity.ts'
import { failureSchema } from './failure.ts'
import { figuresSchema } from './figures.ts'
import { helloSchema } from './hello.ts'
import { liveRequestSchema, liveSchema, presenceSchema, watchSchema } from './live.ts'
import { observedSchema, observeSchema } from './observe.ts'
import { pingSchema, pongSchema } from './ping.ts'
import { pushSchema, receiptSchema } from './push.ts'
import { queryResultSchema, querySchema } from './query.ts'
import { headSchema, headSeenSchema, proofSchema, proveSchema } from './proof.ts'
import {
  backfillSchema,
  eventsSchema,
  joinSchema,
  resetSchema,
  snapshotSchema,
  subscribeSchema,
  tailSchema,
  unsubscribeSchema,
} from './subscribe.ts'
import { tunnelSchema } from './tunnel.ts'
import { accessSchema, runnersSchema, welcomeSchema } from './welcome.ts'

/** Everything a client or runner may send. */
export const fromClientSchema = z.discriminatedUnion('t', [
  helloSchema,
  subscribeSchema,
  unsubscribeSchema,
  joinSchema,
  headSeenSchema,
  proveSchema,
  pushSchema,
  observeSchema,
  liveSchema,
  activitySchema,
  figuresSchema,
  liveRequestSchema,
  watchSchema,
  pingSchema,
  querySchema,
  queryResultSchema,
])
export type FromClient = z.infer<typeof fromClientSchema>

/** Everything the server may send. Queries go on to runners in the form they came. */
export const fromServerSchema = z.discriminatedUnion('t', [
  welcomeSchema,
  accessSchema,
  runnersSchema,
  eventsSchema,
  snapshotSchema,
  tailSchema,
  backfillSchema,
  headSchema,
  headSeenSchema,
  proofSchema,
  resetSchema,
  receiptSchema,
  observedSchema,
  liveSchema,
  activitySchema,
  presenceSchema,
  querySchema,
  queryResultSchema,
  tunnelSchema,
  failureSchema,
  pongSchema,
])
export type FromServer = z.infer<typeof fromServerSchema>

/** Parses a frame. Gives the message, or a sentence that says what is wrong with it. */
export function parseFrame<T>(
  schema: z.ZodType<T>,
  text: string,
): { ok: true; message: T } | { ok: false; problem: string } {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return { ok: false, problem: `The frame is not JSON: ${error instanceof Error ? error.message : String(error)}` }
  }
  const parsed = schema.safeParse(value)
  if (parsed.success) return { ok: true, message: parsed.data }
  const issue = parsed.error.issues[0]
  return {
    ok: false,
    problem: issue
      ? `${issue.path.map(String).join('.') || 'frame'}: ${issue.message}`
      : 'The frame does not fit any message.',
  }
}
