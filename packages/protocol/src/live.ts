import { z } from 'zod'
import { LIVE_NUMBERS } from './live-delta.ts'

/**
 * Ephemeral state of a session as it happens: never stored as events. Text deltas carry their offset (in UTF-16 units),
 * so that a late joiner, a repeat and a gap can be told apart; the server keeps the last state per key.
 */
export const liveItemSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('text'),
    /** Id that the whole message or tool will have in the log. */
    itemId: z.string().max(64),
    channel: z.enum(['agent', 'thinking', 'output']),
    turnId: z.string().max(64),
    offset: z.int().min(0),
    text: z.string().max(1_000_000),
    at: z.number(),
  }),
  /** The item is whole (its event is on its way): its buffer can go once the event has arrived. */
  z.object({ kind: z.literal('end'), itemId: z.string().max(64) }),
  /** Long work with numbers: clone, worktree, agent start. Empty `step` ends it. */
  z.object({
    kind: z.literal('progress'),
    step: z.string().max(80),
    detail: z.string().max(500),
    done: z.number().optional(),
    total: z.number().optional(),
  }),
  /** Files in the worktree changed: git status asked before now is stale. */
  z.object({ kind: z.literal('worktree'), revision: z.number() }),
])
export type LiveItem = z.infer<typeof liveItemSchema>

/** From a runner to the server, and from the server to those who watch the session. `state: true`: everything known so far, for a late joiner. */
export const liveSchema = z.object({
  t: z.literal('live'),
  log: z.string().max(100),
  session: z.string().max(64),
  items: z.array(liveItemSchema).max(1_000),
  state: z.boolean().optional(),
  /** From the server: numbers of texts among the items, by their ids. What follows of these texts comes in the short form. */
  numbers: z
    .array(
      z.tuple([
        z.string().max(64),
        z
          .int()
          .min(0)
          .max(LIVE_NUMBERS - 1),
      ]),
    )
    .max(1_000)
    .optional(),
})
export type Live = z.infer<typeof liveSchema>

/** The sessions I am looking at, all of them (several tabs share one connection): send their live state, and tell the others. */
export const watchSchema = z.object({
  t: z.literal('watch'),
  sessions: z.array(z.object({ log: z.string().max(100), session: z.string().max(64) })).max(32),
})

/** Who looks at a session now. Sent to all who may read its log. */
export const presenceSchema = z.object({
  t: z.literal('presence'),
  log: z.string(),
  session: z.string(),
  people: z.array(z.object({ userId: z.string(), name: z.string() })),
})
export type Presence = z.infer<typeof presenceSchema>

/** A live buffer was asked for again after a gap. */
export const liveRequestSchema = z.object({
  t: z.literal('liveState'),
  log: z.string().max(100),
  session: z.string().max(64),
})
