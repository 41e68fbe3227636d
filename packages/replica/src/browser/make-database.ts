/// <reference lib="webworker" />
import type { PGlite } from '@electric-sql/pglite'
import { OpfsAhpFS } from '@electric-sql/pglite/opfs-ahp'
import { parseTarGzip } from 'nanotar'

declare const self: DedicatedWorkerGlobalScope

/** What this worker is asked, once: make the database in that OPFS folder. */
export interface MakeDatabase {
  readonly folder: string
}
/** Its answer; an empty problem means that the database is there and closed. */
export interface MadeDatabase {
  readonly problem: string
}

/** The files of an empty database (make-empty-database.ts). */
const EMPTY = new URL('../../.cache/empty-database.tgz', import.meta.url)

/** Files that the database may take before more can be made for it. */
const FILES_TO_SPARE = 100

/** Modes as PostgreSQL gives them. */
const DIRECTORY = 0o40_700
const FILE = 0o100_600

/** The files are written without PostgreSQL; what would have been its file system is told so when it is closed. */
const noDatabase = { Module: { FS: { quit: () => undefined } } } as unknown as PGlite

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
  const answered = await fetch(EMPTY)
  if (!answered.ok)
    throw new Error(`The empty database could not be fetched: ${answered.status} ${answered.statusText}`)
  const entries = await parseTarGzip(await answered.arrayBuffer())
  const fs = new OpfsAhpFS(folder, { initialPoolSize: entries.length + FILES_TO_SPARE })
  await fs.init(noDatabase, {})
  for (const { name, type, data } of entries) {
    if (type === 'directory') fs.mkdir(name, { mode: DIRECTORY })
    else fs.writeFile(name, data ?? '', { mode: FILE })
  }
  await fs.syncToFs()
  await fs.checkpointState()
  await fs.closeFs()
}
