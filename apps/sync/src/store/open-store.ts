import type { RunningStore } from './running-store.ts'

/** Where a server keeps its logs. */
export interface StorePlace {
  /** What is this machine's own is here in any case; without a database's address the logs are, too. */
  readonly dataFolder: string
  /** The address of a PostgreSQL: `postgres://user:password@host:5432/name`. */
  readonly databaseUrl?: string | undefined
  /** Told of what goes wrong with nobody asking. */
  readonly report?: (error: unknown) => void
}

/**
 * Locks the data folder and opens the store. Throws `FolderRefused` when the folder is taken or cannot be written,
 * and `StoreRefused` when the PostgreSQL cannot be used.
 */
export async function openStore({
  dataFolder,
  databaseUrl,
  report = () => undefined,
}: StorePlace): Promise<RunningStore> {
  // Only the one that is needed is read in: each costs memory and time.
  if (databaseUrl === undefined) return (await import('./open-pglite-store.ts')).openPgliteStore(dataFolder)
  return (await import('./open-postgres-store.ts')).openPostgresStore(dataFolder, databaseUrl, report)
}
