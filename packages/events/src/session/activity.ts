import { z } from 'zod'

/** What an agent is at, or was at the end of its turn (REC-40). */
export const runActivitySchema = z.object({
  /** Its words for the last step. */
  lastTool: z.string().max(200),
  lastFile: z.string().max(1_000),
  /** Unique, at most 50 each. */
  filesCreated: z.array(z.string().max(4_096)).max(50),
  filesEdited: z.array(z.string().max(4_096)).max(50),
  toolCalls: z.int().min(0),
  /** Read and written, as far as was reported. */
  totalTokens: z.int().min(0),
  /** When something last changed, ms since 1970 by the runner's clock. */
  lastUpdate: z.number(),
  /** The end of what it said or printed last, at most 200 characters. */
  summary: z.string().max(200),
})
export type RunActivity = z.infer<typeof runActivitySchema>
