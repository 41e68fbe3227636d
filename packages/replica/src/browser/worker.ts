/// <reference lib="webworker" />
import { ReplicaCore } from '../core.ts'
import { MemoryStore } from '../memory-store.ts'
import type { CallMessage, CoreMessage } from '../message-port.ts'
import type { Bodies } from '../subscribe.ts'
import { httpBlobs } from '../blobs/blob-transport.ts'
import { makeDatabase, openDatabase } from './database.ts'
import { IndexedDbBlobs } from './indexeddb-blobs.ts'
import { IndexedDbOutbox } from './indexeddb-outbox.ts'
import { Tab } from './tab.ts'

/** First message from the page. */
export interface WorkerStart {
  readonly start: {
    readonly userId: string
    readonly socketUrl: string
    readonly appVersion: string
    readonly bodies: Bodies
  }
}
/** Whenever the page is shown or hidden. */
export interface PageVisible {
  readonly visible: boolean
}

declare const self: DedicatedWorkerGlobalScope

let tab: Tab | undefined

self.onmessage = (event: MessageEvent<WorkerStart | PageVisible | CallMessage>) => {
  const message = event.data
  if ('start' in message) tab = start(message.start)
  else if ('visible' in message) tab?.visible(message.visible)
  else tab?.call(message)
}

const start = (options: WorkerStart['start']): Tab =>
  new Tab({
    name: `coppice-replica-${options.userId}`,
    toPage: (message: CoreMessage) => self.postMessage(message),
    lead: (everywhere, taken) => lead(options, everywhere, taken),
  })

/** A new database takes seconds to make: on a new device the core starts in memory, and moves when it is there. */
async function lead(
  options: WorkerStart['start'],
  everywhere: (message: CoreMessage) => void,
  taken: boolean,
): Promise<ReplicaCore> {
  // A tab that sleeps still holds the database's files: they are left to it, and this one works from memory.
  const known = taken ? undefined : await openDatabase(options.userId)
  const core = await ReplicaCore.open({
    store: known ?? new MemoryStore(),
    opening: known === undefined,
    outbox: await IndexedDbOutbox.open(options.userId),
    blobs: { outbox: new IndexedDbBlobs(options.userId), transport: httpBlobs(self.location.origin) },
    userId: options.userId,
    clientId: crypto.randomUUID(),
    appVersion: options.appVersion,
    bodies: options.bodies,
    connect: () => new WebSocket(options.socketUrl),
    now: Date.now,
    notify: (notice) => everywhere({ kind: 'notice', notice }),
  })
  if (taken) core.stayInMemory()
  else if (known === undefined) void moveToDisk(core, options.userId)
  return core
}

async function moveToDisk(core: ReplicaCore, userId: string): Promise<void> {
  const made = await makeDatabase(userId)
  if (made) await core.moveTo(made)
  else core.stayInMemory()
}
