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
})
export type RunnerFigures = z.infer<typeof runnerFiguresSchema>

export const figuresSchema = z.object({ t: z.literal('figures'), figures: runnerFiguresSchema })

/** A runner in `GET /api/runners`. */
export type RunnerState = {
  readonly runnerId: string
  readonly online: boolean
  /** When it was last heard of here, ms since 1970; absent where it was not since this server started. */
  readonly lastContact?: number
  readonly figures?: RunnerFigures
}
