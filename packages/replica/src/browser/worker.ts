/// <reference lib="webworker" />
import { newId } from '@coppice/events'
import { ReplicaCore } from '../core.ts'
import { MemoryStore } from '../memory-store.ts'
import { answerCall, type CallMessage, type CoreMessage } from '../message-port.ts'
import type { Bodies } from '../subscribe.ts'
import { makeDatabase, openDatabase } from './database.ts'
import { IndexedDbOutbox } from './indexeddb-outbox.ts'

/** First message from the page. */
export interface WorkerStart {
  readonly start: {
    readonly userId: string
    readonly socketUrl: string
    readonly appVersion: string
    readonly bodies: Bodies
  }
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
  const known = await openDatabase(options.userId)
  const core = await ReplicaCore.open({
    store: known ?? new MemoryStore(),
    opening: known === undefined,
    outbox: await IndexedDbOutbox.open(options.userId),
    userId: options.userId,
    clientId: me,
    appVersion: options.appVersion,
    bodies: options.bodies,
    connect: () => new WebSocket(options.socketUrl),
    now: Date.now,
    notify: (notice) => everywhere({ kind: 'notice', notice }),
  })
  leader = core
  everywhere({ kind: 'moved' })
  if (known === undefined) {
    const made = await makeDatabase(options.userId)
    if (made) await core.moveTo(made)
    else core.stayInMemory()
  }
  return new Promise<never>(() => undefined)
}
