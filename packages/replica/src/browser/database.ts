import { PGlite } from '@electric-sql/pglite'
import { newId } from '@coppice/events'
import { PgliteStore } from '../pglite-store.ts'
import type { Store } from '../store.ts'
import type { MadeDatabase, MakeDatabase } from './make-database.ts'

/**
 * A person's database in this browser is an OPFS folder `coppice-USER-ID` with a file `coppice-USER-ID.made` beside it,
 * written when the making was finished. Each making takes a new id: what a closed tab left half made, and may still
 * hold open for a moment, is never in the way and never taken for a database.
 */
const folderPrefix = (userId: string): string => `coppice-${userId}-`
const MADE = '.made'

/** Tries, because the tab that led before may not have let go of its file handles yet. */
const OPEN_TRIES = 4

/** The folder of the finished database; undefined on a new device, and where the browser offers no such storage. */
async function finishedFolder(userId: string): Promise<string | undefined> {
  for (const name of await names()) {
    if (name.startsWith(folderPrefix(userId)) && name.endsWith(MADE)) return name.slice(0, -MADE.length)
  }
  return undefined
}

/** Opens the database of before; undefined if there is none. One that cannot be opened is given up: it can all be fetched again. */
export async function openDatabase(userId: string): Promise<Store | undefined> {
  const folder = await finishedFolder(userId)
  if (folder === undefined) return undefined
  for (let attempt = 1; attempt <= OPEN_TRIES; attempt += 1) {
    try {
      return await PgliteStore.open(await PGlite.create({ dataDir: `opfs-ahp://${folder}` }))
    } catch (error) {
      console.warn(`The database could not be opened (attempt ${attempt} of ${OPEN_TRIES}).`, error)
      await new Promise((resolve) => setTimeout(resolve, 250 * attempt))
    }
  }
  await remove(`${folder}${MADE}`)
  return undefined
}

/**
 * Makes a new database and opens it. The making has a thread of its own, because it blocks one for seconds.
 * Undefined where the browser has no room or no such storage to give.
 */
export async function makeDatabase(userId: string): Promise<Store | undefined> {
  for (const name of await names()) if (name.startsWith(folderPrefix(userId))) await remove(name)
  const folder = `${folderPrefix(userId)}${newId().slice(-12)}`
  const problem = await inThreadOfItsOwn({ folder })
  if (problem !== '') {
    console.warn(`No database could be made here: ${problem}`)
    return undefined
  }
  const root = await navigator.storage.getDirectory()
  await root.getFileHandle(`${folder}${MADE}`, { create: true })
  return openDatabase(userId)
}

async function names(): Promise<readonly string[]> {
  try {
    const found: string[] = []
    for await (const name of (await navigator.storage.getDirectory()).keys()) found.push(name)
    return found
  } catch (error) {
    console.warn('This browser offers no storage for a database.', error)
    return []
  }
}

/** What another tab still holds open stays for the next time. */
async function remove(name: string): Promise<void> {
  try {
    await (await navigator.storage.getDirectory()).removeEntry(name, { recursive: true })
  } catch (error) {
    console.info(`${name} could not be removed now.`, error)
  }
}

function inThreadOfItsOwn(request: MakeDatabase): Promise<string> {
  return new Promise((resolve) => {
    const worker = new Worker(new URL('./make-database.ts', import.meta.url), {
      type: 'module',
      name: 'coppice-make-database',
    })
    const done = (problem: string): void => {
      worker.terminate()
      resolve(problem)
    }
    worker.onmessage = (event: MessageEvent<MadeDatabase>) => done(event.data.problem)
    worker.onerror = (event) => done(event.message)
    worker.postMessage(request)
  })
}
