import { z } from 'zod'

/** One thing that was looked at and is not as it should be, or is worth knowing. */
export const findingSchema = z.object({
  /** `wrong` needs somebody. `degraded` works, but less well or not for long. `note` is only worth knowing. */
  level: z.enum(['wrong', 'degraded', 'note']),
  area: z.enum(['folder', 'store', 'log', 'proof', 'headers', 'receipts', 'blobs', 'streams', 'rooms', 'worktrees']),
  /** What is so, in a sentence. */
  says: z.string(),
  /** What to do about it, or what was done. */
  advice: z.string(),
  /** `possible`: `--mend` would. `done`: it has. `no`: nothing that is safe can be done by itself. */
  mending: z.enum(['no', 'possible', 'done']),
})
export type Finding = z.infer<typeof findingSchema>

/** A session as the logs have it: what a runner's folders and refs are held against. */
export const knownSessionSchema = z.object({
  sessionId: z.string(),
  log: z.string(),
  runnerId: z.string(),
  /** Whether a folder should be there. */
  hasWorktree: z.boolean(),
})
export type KnownSession = z.infer<typeof knownSessionSchema>

/** What one examination found. Sizes in bytes by kind, versions by name. */
export const examinationSchema = z.object({
  findings: z.array(findingSchema),
  /** How much was looked at, by kind: so that "nothing wrong" says of what. */
  examined: z.record(z.string(), z.number()),
  bytes: z.record(z.string(), z.number()),
  versions: z.record(z.string(), z.string()),
})
export type Examination = z.infer<typeof examinationSchema>

/** POST /api/doctor {} (the owner only), and what the doctor's process on a stopped server's folder prints. */
export const serverExaminationSchema = examinationSchema.extend({
  sessions: z.array(knownSessionSchema),
  /** The runner of this machine, where there is one. */
  runnerId: z.string().optional(),
})
export type ServerExamination = z.infer<typeof serverExaminationSchema>
