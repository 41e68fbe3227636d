import { MessagePortToCore } from '../message-port.ts'
import { PageReplica } from '../page.ts'
import type { Replica } from '../replica.ts'
import { bootCache } from './boot-cache.ts'
import { IndexedDbBlobs } from './indexeddb-blobs.ts'
import { IndexedDbOutbox } from './indexeddb-outbox.ts'
import { nextPaint } from './next-paint.ts'
import { replicaWorker, type OpenOptions } from './replica-worker.ts'

/** Opens this browser's replica: the page's end of it. Header rows of last time are there at once. */
export async function openReplica(options: OpenOptions): Promise<Replica> {
  const outbox = await IndexedDbOutbox.open(options.userId)
  // What waits to be sent is nowhere else: a browser that is short of room is asked to take others' first.
  void navigator.storage?.persist?.()
  const worker = replicaWorker(options)
  const port = new MessagePortToCore(worker.post, worker.end)
  // A worker is not told of these; the page is.
  const tell = (online: boolean): void => void port.call('network', { online })
  window.addEventListener('online', () => tell(true))
  window.addEventListener('offline', () => tell(false))
  document.addEventListener('visibilitychange', () => {
    worker.post({ visible: document.visibilityState === 'visible' })
    if (document.visibilityState === 'visible' && navigator.onLine) tell(true)
  })
  const blobs = new IndexedDbBlobs(options.userId)
  const boot = bootCache(options.userId)
  const replica = new PageReplica({ port, outbox, blobs, userId: options.userId, boot, painted: nextPaint })
  worker.listen((message) => port.receive(message))
  return replica
}
