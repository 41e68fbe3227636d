import { z } from 'zod'

/** Lies in the folder of a backup, written last. A server that finds it in its data folder was restored from there. */
export const BACKUP_FILE = 'backup.json'

export const backupSchema = z.object({ format: z.literal(1), madeAt: z.number() })
export type Backup = z.infer<typeof backupSchema>

/** What a backup has besides the store. Not in it: what only a running server needs, and the runner's worktrees. */
export const KEPT_FOLDERS = ['blobs']
export const KEPT_FILES = ['cookie-secret', 'local-tokens.json']
