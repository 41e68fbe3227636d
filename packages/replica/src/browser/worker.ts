/// <reference lib="webworker" />
import { PGlite } from '@electric-sql/pglite'
import { newId } from '@coppice/events'
import { ReplicaCore } from '../core.ts'
import { MemoryStore } from '../memory-store.ts'
import { answerCall, type CallMessage, type CoreMessage } from '../message-port.ts'
import { PgliteStore } from '../pglite-store.ts'
import type { Store } from '../store.ts'
import { IndexedDbOutbox } from './indexeddb-outbox.ts'
import type { MadeDatabase, MakeDatabase } from './make-database.ts'

/** First message from the page. */
export interface WorkerStart {
  readonly start: { readonly userId: string; readonly socketUrl: string; readonly appVersion: string }
}

declare const self: DedicatedWorkerGlobalScope

/**
 * Every tab has such a worker; one of them, the leader, holds the database, the socket and the core (LF-6). Which one is
 * decided by a Web Lock: it goes to the next tab by itself when the leading tab closes or crashes. The others pass
 * their page's calls to the leader over a BroadcastChannel.
 */
type OnChannel =
  | { readonly to: 'leader'; readonly from: string; readonly call: CallMessage }
  | { readonly to: 'all' | string; readonly message: CoreMessage }

const me = newId()
let leader: ReplicaCore | undefined
let channel: BroadcastChannel | undefined

const toPage = (message: CoreMessage): void => self.postMessage(message)

self.onmessage = (event: MessageEvent<WorkerStart | CallMessage>) => {
  const message = event.data
  if ('start' in message) start(message.start)
  else if (leader) void answerCall(leader, message).then(toPage)
  else channel?.postMessage({ to: 'leader', from: me, call: message } satisfies OnChannel)
}

function start(options: WorkerStart['start']): void {
  const open = new BroadcastChannel(`coppice-replica-${options.userId}`)
  channel = open
  open.onmessage = (event: MessageEvent<OnChannel>) => {
    const message = event.data
    if (message.to === 'leader' && 'call' in message) {
      if (!leader) return
      void answerCall(leader, message.call).then((answer) =>
        open.postMessage({ to: message.from, message: answer } satisfies OnChannel),
      )
    } else if ('message' in message && (message.to === 'all' || message.to === me)) {
      toPage(message.message)
    }
  }
  void navigator.locks.request(`coppice-replica-${options.userId}`, () => lead(options, open))
}

/** Runs for as long as this worker leads: the lock is held until it is gone. */
async function lead(options: WorkerStart['start'], open: BroadcastChannel): Promise<never> {
  const everywhere = (message: CoreMessage): void => {
    toPage(message)
    open.postMessage({ to: 'all', message } satisfies OnChannel)
  }
  // A new database takes seconds to make: on a new device the core starts in memory, and moves when it is there.
  const known = await databaseExists(options.userId)
  const core = await ReplicaCore.open({
    store: known ? ((await openDatabase(options.userId)) ?? new MemoryStore()) : new MemoryStore(),
    opening: !known,
    outbox: await IndexedDbOutbox.open(options.userId),
    userId: options.userId,
    clientId: me,
    appVersion: options.appVersion,
    connect: () => new WebSocket(options.socketUrl),
    now: Date.now,
    notify: (notice) => everywhere({ kind: 'notice', notice }),
  })
  leader = core
  self.addEventListener('online', () => core.networkChanged(true))
  self.addEventListener('offline', () => core.networkChanged(false))
  everywhere({ kind: 'moved' })
  if (!known) {
    await makeDatabase(options.userId)
    const store = await openDatabase(options.userId)
    if (store) await core.moveTo(store)
    else core.stayInMemory()
  }
  return new Promise<never>(() => undefined)
}

const folderOf = (userId: string): string => `coppice-${userId}`
const OPEN_TRIES = 5

/** A file beside the database, written when its making was finished: half of one must never be taken for one. */
const markOf = (userId: string): string => `${folderOf(userId)}.made`

async function databaseExists(userId: string): Promise<boolean> {
  try {
    const root = await navigator.storage.getDirectory()
    await root.getFileHandle(markOf(userId))
    return true
  } catch (error) {
    if (error instanceof DOMException && error.name === 'NotFoundError') return false
    console.warn('The storage of this browser cannot be looked at.', error)
    return false
  }
}

/**
 * PGlite on OPFS; undefined where the browser has none to give: nothing is kept then, and the page says so (LF-11).
 * A database that cannot be opened (its making was cut short, its files are damaged) is thrown away and made anew: all
 * of it can be fetched again, and the outbox is elsewhere.
 */
async function openDatabase(userId: string): Promise<Store | undefined> {
  for (let attempt = 1; attempt <= OPEN_TRIES; attempt += 1) {
    try {
      return await PgliteStore.open(await PGlite.create({ dataDir: `opfs-ahp://${folderOf(userId)}` }))
    } catch (error) {
      // The tab that led before may not have let go of its file handles yet.
      console.warn(`The database could not be opened (attempt ${attempt} of ${OPEN_TRIES}).`, error)
      await new Promise((resolve) => setTimeout(resolve, 200 * attempt))
      if (attempt === OPEN_TRIES - 1) await throwAway(userId)
    }
  }
  return undefined
}

/** In a thread of its own; if it fails, opening will say why. What an earlier attempt left behind goes first. */
async function makeDatabase(userId: string): Promise<void> {
  await throwAway(userId)
  const problem = await inThreadOfItsOwn({ folder: folderOf(userId) })
  if (problem !== '') {
    console.warn(`The database could not be made: ${problem}`)
    return
  }
  const root = await navigator.storage.getDirectory()
  await root.getFileHandle(markOf(userId), { create: true })
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

async function throwAway(userId: string): Promise<void> {
  try {
    const root = await navigator.storage.getDirectory()
    await root.removeEntry(folderOf(userId), { recursive: true })
  } catch (error) {
    if (error instanceof DOMException && error.name === 'NotFoundError') return
    console.warn('A damaged database could not be removed.', error)
  }
}
