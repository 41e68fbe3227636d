/// <reference lib="webworker" />
import { ReplicaCore } from '../core.ts'
import { MemoryStore } from '../memory-store.ts'
import type { CoreMessage } from '../message-port.ts'
import { httpBlobs } from '../blobs/blob-transport.ts'
import { inMemory, isOlder } from '../older-store.ts'
import { makeDatabase, openDatabase } from './database.ts'
import { IndexedDbBlobs } from './indexeddb-blobs.ts'
import { IndexedDbOutbox } from './indexeddb-outbox.ts'
import { leaderLock } from './leader-lock.ts'
import { Tab } from './tab.ts'
import type { OpenOptions } from './replica-worker.ts'
import type { FromPage } from './worker.ts'
import { xhrPut } from './xhr-put.ts'

declare const self: DedicatedWorkerGlobalScope

let tab: Tab | undefined

/** What the page says to its worker, in order. */
export function receive(message: FromPage): void {
  if ('prepare' in message) return
  if ('start' in message) tab = start(message.start)
  else if ('visible' in message) tab?.visible(message.visible)
  else tab?.call(message)
}

const start = (options: OpenOptions): Tab =>
  new Tab({
    name: leaderLock(options.userId),
    toPage: (message: CoreMessage) => self.postMessage(message),
    lead: (everywhere, taken) => lead(options, everywhere, taken),
  })

/**
 * A new database takes seconds to make, and so do rows that older code wrote: on a new device and after an update the core
 * starts in memory, and moves when the new database is there.
 */
async function lead(
  options: OpenOptions,
  everywhere: (message: CoreMessage) => void,
  taken: boolean,
): Promise<ReplicaCore> {
  // A tab that sleeps still holds the database's files: they are left to it, and this one works from memory.
  const found = taken ? undefined : await openDatabase(options.userId)
  const older = found && (await isOlder(found))
  const known = found && (older ? await inMemory(found) : found)
  const stays = known !== undefined && !older
  const core = await ReplicaCore.open({
    store: known ?? new MemoryStore(),
    opening: !stays,
    outbox: await IndexedDbOutbox.open(options.userId),
    blobs: { outbox: new IndexedDbBlobs(options.userId), transport: httpBlobs(self.location.origin, {}, xhrPut) },
    userId: options.userId,
    clientId: crypto.randomUUID(),
    appVersion: options.appVersion,
    bodies: options.bodies,
    connect: () => new WebSocket(options.socketUrl),
    now: Date.now,
    notify: (notice) => everywhere({ kind: 'notice', notice }),
  })
  if (taken) core.stayInMemory()
  else if (!stays) void moveToDisk(core, options.userId)
  return core
}

/**
 * What is on the disk stays there until a new database holds all that this core knows: an update that is broken off loses
 * nothing, nor does a start without the server beside a database that could not be opened.
 */
async function moveToDisk(core: ReplicaCore, userId: string): Promise<void> {
  const made = await makeDatabase(userId)
  if (!made) return core.stayInMemory()
  const { store, keep, replaces } = made
  // A new device's copy is of use from its first session on.
  if (!replaces) await keep()
  await core.moveTo(store, async () => {
    if (replaces && (await store.cursors()).length > 0) await keep()
  })
}
