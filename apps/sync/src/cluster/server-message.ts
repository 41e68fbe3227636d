import { activitySchema, liveItemSchema, presenceSchema, querySchema, queryResultSchema } from '@coppice/protocol'
import { signedHeadSchema } from '@coppice/events'
import { z } from 'zod'

/** A runner that is connected to a server: by which process, and under which epoch. */
const runnerSchema = z.object({ id: z.string(), process: z.string(), epoch: z.int() })
export type RunnerHere = z.infer<typeof runnerSchema>

const placeSchema = presenceSchema.pick({ log: true, session: true, people: true })
/** Who looks at a session through one server. */
export type PeopleHere = z.infer<typeof placeSchema>

/** What servers that share a database tell each other. `from` and `to` are servers: each start makes an id of its own. */
export const serverMessageSchema = z.intersection(
  z.object({ from: z.string() }),
  z.discriminatedUnion('m', [
    /** I am here (and again every few seconds): all my runners, all who look at something. `asks`: say the same to me. */
    z.object({
      m: z.literal('here'),
      asks: z.boolean(),
      runners: z.array(runnerSchema),
      people: z.array(placeSchema),
    }),
    z.object({ m: z.literal('gone') }),
    z.object({ m: z.literal('runners'), runners: z.array(runnerSchema) }),
    z.object({ m: z.literal('people'), place: placeSchema }),
    /** Logs I have appended to, and how far they go. */
    z.object({ m: z.literal('wrote'), heads: z.array(z.tuple([z.string(), z.int()])) }),
    /** Byte streams (by path) and shared documents (by room) that have grown through me. */
    z.object({ m: z.literal('grew'), streams: z.array(z.string()), rooms: z.array(z.string()) }),
    /** `whole`: everything known of the session, in place of what you have. */
    z.object({
      m: z.literal('live'),
      log: z.string(),
      session: z.string(),
      items: z.array(liveItemSchema),
      whole: z.boolean(),
    }),
    z.object({ m: z.literal('activity'), activity: activitySchema }),
    /** The newest head that a client has seen. */
    z.object({ m: z.literal('headSeen'), head: signedHeadSchema }),
    z.object({ m: z.literal('liveWanted'), log: z.string(), session: z.string() }),
    z.object({ m: z.literal('query'), to: z.string(), runnerId: z.string(), query: querySchema }),
    z.object({ m: z.literal('answer'), to: z.string(), runnerId: z.string(), result: queryResultSchema }),
    /** A token or session ended. */
    z.object({ m: z.literal('credentialsEnded') }),
  ]),
)
export type ServerMessage = z.infer<typeof serverMessageSchema>
type WithoutSender<T> = T extends unknown ? Omit<T, 'from'> : never
export type Telling = WithoutSender<ServerMessage>
