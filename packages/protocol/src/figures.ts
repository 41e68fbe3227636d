import { z } from 'zod'

/** How a runner is doing (REC-44): from it to the server, every few seconds. Bytes; `load` is that of one minute, by processor. */
export const runnerFiguresSchema = z.object({
  load: z.number().min(0),
  diskFree: z.number().min(0),
  memoryFree: z.number().min(0),
  memoryTotal: z.number().min(0),
  working: z.int().min(0),
  waiting: z.int().min(0),
  most: z.int().min(0),
  /** Why nothing new begins there; empty where it does. */
  shortOf: z.string().max(300),
  /** Sessions that work and in which nothing changes any more. */
  stale: z.int().min(0).optional(),
  /** Which agents it can start. */
  providers: z
    .array(z.object({ id: z.string().max(40), available: z.boolean() }))
    .max(40)
    .optional(),
})
export type RunnerFigures = z.infer<typeof runnerFiguresSchema>

export const figuresSchema = z.object({ t: z.literal('figures'), figures: runnerFiguresSchema })

/** A runner in `GET /api/runners`. */
const runnerStateSchema = z.object({
  runnerId: z.string(),
  online: z.boolean(),
  /** When it was last heard of here, ms since 1970; absent where it was not since this server started. */
  lastContact: z.number().optional(),
  figures: runnerFiguresSchema.optional(),
})
export type RunnerState = z.infer<typeof runnerStateSchema>

/** How the server itself is doing, now. */
export const serverFiguresSchema = z.object({
  /** How long the store took to answer, milliseconds. */
  store: z.object({ kind: z.enum(['pglite', 'postgresql']), answeredMs: z.number().min(0) }),
  /** How long the server took to come round to a thing that was due at once, milliseconds. */
  lagMs: z.number().min(0),
})
export type ServerFigures = z.infer<typeof serverFiguresSchema>

/** GET /api/runners */
export const runnersAnswerSchema = z.object({ runners: z.array(runnerStateSchema), server: serverFiguresSchema })
export type RunnersAnswer = z.infer<typeof runnersAnswerSchema>
