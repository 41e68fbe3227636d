import { z } from 'zod'
import { idSchema } from '../ids.ts'
import { taskKindSchema } from '../workspace/tasks.ts'
import { nameSchema } from './vocabulary.ts'

const words = z.string().max(8_000)

/** Processes that people start in a worktree: workspace tasks (TR-1) and terminals (TR-6). */
export const processCommands = {
  'task.start': z.object({ runId: idSchema, taskId: idSchema, name: nameSchema, kind: taskKindSchema }),
  'terminal.open': z.object({ runId: idSchema }),
  /** Ends it with all its children (TR-2). */
  'process.stop': z.object({ runId: idSchema }),
}

export const processDecisions = {
  'process.requested': z.object({
    runId: idSchema,
    what: z.enum(['task', 'terminal']),
    name: nameSchema,
    /** Of a task. */
    taskId: idSchema.optional(),
    kind: taskKindSchema.optional(),
  }),
  'process.stopRequested': z.object({ runId: idSchema }),
}

export const processFacts = {
  'process.started': z.object({
    runId: idSchema,
    /** As the workspace had it when it began. */
    name: nameSchema,
    kind: taskKindSchema.optional(),
    /** What was run, secrets taken out; of a terminal its shell. */
    command: words,
    /** The ports that are the session's own: the first one, and how many (TR-5). */
    ports: z.object({ first: z.int(), count: z.int() }),
    /** Where a task's output is, in the workspace's streams (TR-3). */
    stream: z.string().max(200).optional(),
  }),
  'process.ended': z.object({
    runId: idSchema,
    status: z.enum(['completed', 'failed', 'canceled']),
    exitCode: z.int().nullable(),
    /** For a person, where it did not end by itself and well. */
    message: words.optional(),
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
}
