import { z } from 'zod'
import { idSchema } from '../ids.ts'
import { LIMITS } from '../limits.ts'
import { pathSchema } from './vocabulary.ts'

/** Another open session of the same repository whose files would not merge with this one's, and the first of the files. */
export const conflictSchema = z.object({
  sessionId: idSchema,
  files: z.array(pathSchema).min(1).max(LIMITS.conflictFiles),
})
export type SessionConflict = z.infer<typeof conflictSchema>

/** All that a session conflicts with, as of its newest checkpoint and theirs; the whole list each time, empty when it is gone. */
export const conflictsFoundSchema = z.object({ with: z.array(conflictSchema).max(LIMITS.conflictSessions) })
