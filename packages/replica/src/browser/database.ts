import { PGlite } from '@electric-sql/pglite'
import { newId } from '@coppice/events'
import { PgliteStore } from '../pglite-store.ts'
import type { Store } from '../store.ts'
import { engine } from './engine.ts'
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

/** The folder of the finished database, the newest where a change to a new one was broken off; undefined on a new device, and where the browser offers no such storage. */
async function finishedFolder(userId: string): Promise<string | undefined> {
  const marks = (await names()).filter((name) => name.startsWith(folderPrefix(userId)) && name.endsWith(MADE))
  const dated = await Promise.all(marks.map(async (name) => ({ name, at: await madeAt(name) })))
  return dated.toSorted((a, b) => b.at - a.at)[0]?.name.slice(0, -MADE.length)
}

async function madeAt(mark: string): Promise<number> {
  const root = await navigator.storage.getDirectory()
  return (await (await root.getFileHandle(mark)).getFile()).lastModified
}

/**
 * Opens the database of before; undefined if there is none, or if it cannot be opened: on a full disk, say. It is left
 * where it is, for the next start, until another has taken its place.
 */
export async function openDatabase(userId: string): Promise<Store | undefined> {
  const folder = await finishedFolder(userId)
  return folder === undefined ? undefined : openFolder(folder)
}

async function openFolder(folder: string): Promise<Store | undefined> {
  for (let attempt = 1; attempt <= OPEN_TRIES; attempt += 1) {
    try {
      return await PgliteStore.open(await PGlite.create({ dataDir: `opfs-ahp://${folder}`, ...(await engine()) }))
    } catch (error) {
      console.warn(`The database could not be opened (attempt ${attempt} of ${OPEN_TRIES}).`, error)
      await new Promise((resolve) => setTimeout(resolve, 250 * attempt))
    }
  }
  return undefined
}

/** A new database, empty and open. */
export interface NewDatabase {
  readonly store: Store
  /** There is one of before that it will take the place of. */
  readonly replaces: boolean
  /** From now on it is the person's own, and the one before is gone. Until then a start opens the one before. */
  readonly keep: () => Promise<void>
}

/**
 * Makes a new database and opens it. The making has a thread of its own, because it blocks one for seconds.
 * Undefined where the browser has no room or no such storage to give.
 */
export async function makeDatabase(userId: string): Promise<NewDatabase | undefined> {
  const before = await finishedFolder(userId)
  await removeAllBut(userId, before)
  const folder = `${folderPrefix(userId)}${newId().slice(-12)}`
  const problem = await inThreadOfItsOwn({ folder })
  if (problem !== '') {
    console.warn(`No database could be made here: ${problem}`)
    return undefined
  }
  const keep = async (): Promise<void> => {
    const root = await navigator.storage.getDirectory()
    await root.getFileHandle(`${folder}${MADE}`, { create: true })
    await removeAllBut(userId, folder)
  }
  const store = await openFolder(folder)
  return store && { store, keep, replaces: before !== undefined }
}

async function removeAllBut(userId: string, folder: string | undefined): Promise<void> {
  const own = [folder, `${folder}${MADE}`]
  const others = (await names()).filter((name) => name.startsWith(folderPrefix(userId)) && !own.includes(name))
  // Marks first: what is half removed must never be taken for a database.
  for (const name of others.toSorted((a, b) => Number(b.endsWith(MADE)) - Number(a.endsWith(MADE)))) await remove(name)
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
