import { hashSchema, recordedEventSchema, type RecordedEvent } from '@coppice/events'
import { z } from 'zod'
import { streamHeaderSchema } from './stream-header.ts'

/** Most sessions that a shape may name. */
const SHAPE_SESSIONS = 20_000

/**
 * Of which sessions of a log the events are wanted (LF-12). `all`: of every one, new ones included, except those named.
 * `none`: only of those named. Of the others come the headers. Streams that are not sessions are always wanted.
 */
export const shapeSchema = z.object({
  bodies: z.enum(['all', 'none']),
  except: z.array(z.string().max(100)).max(SHAPE_SESSIONS),
})
export type Shape = z.infer<typeof shapeSchema>

/** From here on I want every event of this log after `position`, once, in order. Epoch empty: I have nothing yet. */
export const subscribeSchema = z.object({
  t: z.literal('subscribe'),
  log: z.string().max(100),
  epoch: z.string().max(64),
  position: z.int().min(0),
  /** Without one: everything. */
  shape: shapeSchema.optional(),
  /** A snapshot may come instead of a long history, if it is of this projection version. */
  snapshot: z.int().min(1).optional(),
  /** The headers I hold were made by other code: send them all again. */
  refresh: z.boolean().optional(),
  /** The tree as I know it (AU-2): with another root at this size the server has another history. */
  tree: z.object({ size: z.int().min(0), root: hashSchema }).optional(),
})
export const unsubscribeSchema = z.object({ t: z.literal('unsubscribe'), log: z.string().max(100) })

/** As it came, with members that this version does not know: they count for its hash. */
const wholeEventSchema = recordedEventSchema.loose() as unknown as z.ZodType<RecordedEvent>

/**
 * Events `from+1 … to` of a log; the subscriber's cursor must stand at `from`, and stands at `to` afterwards. `head` tells
 * how far behind that is. What the shape leaves out is missing among `events`: its leaf hashes are in `left`, in order, and
 * the headers it led to (or later ones) in `streams`. With `from` = `to` only headers come.
 */
export const eventsSchema = z.object({
  t: z.literal('events'),
  log: z.string(),
  epoch: z.string(),
  from: z.int().min(0),
  to: z.int().min(0),
  head: z.int().min(0),
  events: z.array(wholeEventSchema),
  left: z.array(hashSchema).optional(),
  streams: z.array(streamHeaderSchema).optional(),
  /** Projection version of `streams`. */
  projection: z.int().optional(),
})
export type EventsMessage = z.infer<typeof eventsSchema>

/** The cursor does not fit this log: start again from 0. The outbox is kept. */
export const resetSchema = z.object({
  t: z.literal('reset'),
  log: z.string(),
  epoch: z.string(),
  head: z.int().min(0),
  /** `epoch`: the log was begun anew (restored). `ahead`: the cursor is past the head. `history`: the same place has another root. */
  cause: z.enum(['epoch', 'ahead', 'history', 'cursor']).default('cursor'),
  reason: z.string(),
})
export type Reset = z.infer<typeof resetSchema>

/** Send me this session's events from its beginning, and go on with them: the shape now has it. */
export const joinSchema = z.object({
  t: z.literal('join'),
  /** Names the answer: one that belongs to an earlier subscription must not be taken for this one's. */
  n: z.int().min(0),
  log: z.string().max(100),
  stream: z.string().max(100),
  /** The newest of them are wanted first, where there are more than one part holds. */
  tail: z.boolean().optional(),
})

/** The newest events of a joined session whose past follows, to show something at once. They come again in their place. */
export const tailSchema = z.object({
  t: z.literal('tail'),
  /** Of the join that asked for it. */
  n: z.int().min(0),
  log: z.string(),
  stream: z.string(),
  events: z.array(wholeEventSchema),
})
export type Tail = z.infer<typeof tailSchema>

/** The events of a joined session up to the subscriber's cursor, in parts, between two `events` messages. */
export const backfillSchema = z.object({
  t: z.literal('backfill'),
  /** Of the join that asked for it. */
  n: z.int().min(0),
  log: z.string(),
  stream: z.string(),
  /** How many of the stream's events came before these. */
  from: z.int().min(0),
  events: z.array(wholeEventSchema),
  /** With the last part the session is whole. */
  last: z.boolean(),
})
export type Backfill = z.infer<typeof backfillSchema>

/**
 * A replica's beginning at `position` instead of at the first event (LF-7), in parts: events of the streams that are not
 * sessions, then the headers of all sessions (as of `position`, or later). With `end` it is whole: the cursor stands at `position`.
 */
export const snapshotSchema = z.object({
  t: z.literal('snapshot'),
  log: z.string(),
  epoch: z.string(),
  position: z.int().min(0),
  head: z.int().min(0),
  projection: z.int().min(1),
  /** From 0; another 0 begins anew. */
  part: z.int().min(0),
  events: z.array(wholeEventSchema),
  streams: z.array(streamHeaderSchema),
  end: z
    .object({
      /** Roots of the complete subtrees of `position` leaves: to go on from there. */
      peaks: z.array(hashSchema),
      /** SHA-256 over the canonical texts of all events and streams before, a line feed after each. */
      digest: hashSchema,
      at: z.number(),
      keyId: z.string(),
      signature: z.string(),
    })
    .optional(),
})
export type Snapshot = z.infer<typeof snapshotSchema>
