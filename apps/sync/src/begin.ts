import path from 'node:path'
import { readOptions, reportLine } from './options.ts'
import { databaseExists } from './store/database-exists.ts'
import type { RunningStore } from './store/running-store.ts'

async function begin(): Promise<void> {
  const options = readOptions()
  // PGlite opens in a thread of its own, for about as long as this one loads the server. A folder that is still to be made
  // waits until there is a port: a start that is refused leaves nothing behind.
  let store: Promise<RunningStore> | undefined
  if (options.databaseUrl === undefined && databaseExists(path.join(options.dataFolder, 'store'))) {
    const { openPgliteStore } = await import('./store/open-pglite-store.ts')
    store = openPgliteStore(options.dataFolder)
    // Who waits for it is told; until then nobody does.
    store.catch(() => undefined)
  }
  const { serve } = await import('./serve.ts')
  await serve(options, store)
}

begin().catch((error: unknown) => {
  reportLine(error)
  process.exit(1)
})
