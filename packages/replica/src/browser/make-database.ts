/// <reference lib="webworker" />
import { PGlite } from '@electric-sql/pglite'
import { PgliteStore } from '../pglite-store.ts'

declare const self: DedicatedWorkerGlobalScope

/** What this worker is asked, once: make the database in that OPFS folder. */
export interface MakeDatabase {
  readonly folder: string
}
/** Its answer; an empty problem means that the database is there and closed. */
export interface MadeDatabase {
  readonly problem: string
}

/**
 * Makes a new database and lets go of it again. Making one blocks a thread for seconds, so it has a thread of its own:
 * the leader goes on from memory meanwhile and opens the finished database in a fraction of that time.
 */
self.onmessage = (event: MessageEvent<MakeDatabase>) => {
  make(event.data.folder)
    .then(() => answer(''))
    .catch((error: unknown) => answer(error instanceof Error ? error.message : String(error)))
}

const answer = (problem: string): void => self.postMessage({ problem } satisfies MadeDatabase)

async function make(folder: string): Promise<void> {
  const store = await PgliteStore.open(await PGlite.create({ dataDir: `opfs-ahp://${folder}` }))
  await store.close()
}
