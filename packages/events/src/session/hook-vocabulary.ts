import { z } from 'zod'
import { idSchema } from '../ids.ts'
import { LIMITS } from '../limits.ts'
import { hookEventSchema } from '../workspace/hooks.ts'
import { nameSchema, newMessageSchema } from './vocabulary.ts'

const words = z.string().max(8_000)

/** The failed run of a hook that a message tells of (M-12). */
export const ofHookSchema = z.object({ runId: idSchema, name: nameSchema })

/** A message; where a hook wrote it, with the run that failed. */
export const queuedMessageSchema = newMessageSchema.extend({ hook: ofHookSchema.optional() })

export const hookCommands = {
  /** Ends a run with all its children (H-42, H-43); one that waits is not begun. */
  'hook.cancel': z.object({ runId: idSchema }),
  /**
   * From the session's runner: what failed goes to the agent (H-30). With `reopen` the session that was to be Done goes on
   * (H-36).
   */
  'hooks.report': z.object({
    roundId: idSchema,
    messages: z
      .array(newMessageSchema.extend({ hook: ofHookSchema }))
      .min(1)
      .max(LIMITS.hooksPerEvent),
    reopen: z.literal(true).optional(),
  }),
  /** From the session's runner: hooks of a Complete failed once too often; the session stays open and waits for a person. */
  'session.keepOpen': z.object({ roundId: idSchema }),
  /** From the session's runner: the agent has worked on what failed, so the session is to be Done again (H-38). */
  'session.endAgain': z.object({}),
}

export const hookDecisions = {
  'hook.cancelRequested': z.object({ roundId: idSchema, runId: idSchema }),
  /** Hooks of a Complete failed. `retry`: the agent goes on with that, for the how-manieth time; absent: a person has to. */
  'session.reopened': z.object({
    roundId: idSchema,
    retry: z.int().min(1).max(LIMITS.doneRetries).optional(),
  }),
}

export const hookFacts = {
  /** Something happened that hooks wait for: these run, one after the other; those were left out. */
  'hooks.begun': z.object({
    roundId: idSchema,
    event: hookEventSchema,
    turnId: idSchema.optional(),
    /** The tree that they look at, as git names it: a later one makes what they say outdated. */
    tree: z.string().max(64),
    runs: z.array(z.object({ runId: idSchema, hookId: idSchema, name: nameSchema })).max(LIMITS.hooksPerEvent),
    skipped: z
      .array(z.object({ hookId: idSchema, name: nameSchema, why: z.string().max(500) }))
      .max(LIMITS.hooksPerEvent),
  }),
  /** An attempt begins. */
  'hook.started': z.object({
    roundId: idSchema,
    runId: idSchema,
    attempt: z.int().min(1),
    /** How many there may be. */
    attempts: z.int().min(1),
    /** What is run, secrets taken out. */
    command: words,
    /** Where its output is, in the workspace's streams. */
    stream: z.string().max(200),
  }),
  'hook.ended': z.object({
    roundId: idSchema,
    runId: idSchema,
    status: z.enum(['completed', 'failed']),
    /** Why it failed: it said so itself, it took too long, a person or the session's end stopped it, or one before it failed. */
    reason: z.enum(['exit', 'timeout', 'canceled', 'not_run', 'could_not_start']).optional(),
    exitCode: z.int().nullable(),
    /** For a person; present where it failed. */
    message: words.optional(),
    /** Of all attempts together. */
    durationMs: z.number().min(0),
    /** All of its output is in the stream: how long that is, and what it hashes to. */
    record: z
      .object({
        stream: z.string().max(200),
        bytes: z.int().min(0),
        sha256: z.string().regex(/^[0-9a-f]{64}$/),
      })
      .optional(),
  }),
  'hooks.finished': z.object({ roundId: idSchema, event: hookEventSchema, failed: z.int().min(0) }),
}
