import { z } from 'zod'
import { actorSchema } from './actor.ts'
import { payloadSchema } from './payload.ts'
import { idSchema, logIdSchema, streamIdSchema, type EventId } from './ids.ts'

/** Who observed: a runner's connection generation (epoch) and its running number within it. Fenced by the server. */
export const producerSchema = z.object({
  id: idSchema,
  epoch: z.int().min(0),
  seq: z.int().min(0),
  /** Of a session's facts: under which change of hands they were seen; absent while it never changed hands. */
  lease: z.int().min(1).optional(),
})
export type Producer = z.infer<typeof producerSchema>

/**
 * Room for content that can be forgotten: `data` is then empty, and what it was is here, enciphered. The log's proof
 * covers the ciphertext, so destroying the key leaves it whole. Nothing seals yet; sealed events are kept and skipped.
 */
export const sealedSchema = z.object({
  keyId: idSchema,
  /** Base64. */
  nonce: z.string().max(64),
  ciphertext: z.string().max(96 * 1024),
})

/**
 * What surrounds an event's data (EV-2). `occurredAt` is what the producer's clock claimed, milliseconds since 1970;
 * it is shown but never decided on. `data` is checked against the schema of its type by {@link parseEvent}.
 */
export const draftEventSchema = z.object({
  id: z
    .string()
    .min(1)
    .max(80)
    .transform((text) => text as EventId),
  log: logIdSchema,
  stream: streamIdSchema,
  type: z
    .string()
    .regex(/^[a-z][A-Za-z]*(\.[a-z][A-Za-z]*)+$/)
    .max(80),
  schemaVersion: z.int().min(1),
  actor: actorSchema,
  /** The command or event that led to this one. */
  causationId: z.string().max(80),
  /** The click (or timer) at the root of it all. */
  correlationId: z.string().max(80),
  occurredAt: z.number(),
  data: payloadSchema,
  producer: producerSchema.optional(),
  sealed: sealedSchema.optional(),
})

/** The same, once the server has given it its place: position is gapless per log, from 1. */
export const recordedEventSchema = draftEventSchema.extend({
  position: z.int().min(1),
  streamVersion: z.int().min(1),
  recordedAt: z.number(),
})

/** An event not yet in a log: an optimistic one, or one on its way. */
export type DraftEvent = z.infer<typeof draftEventSchema>
/** An event in a log. */
export type RecordedEvent = z.infer<typeof recordedEventSchema>
/** Either; projections and evolvers take both. */
export type AnyEvent = DraftEvent & Partial<Pick<RecordedEvent, 'position' | 'streamVersion' | 'recordedAt'>>
