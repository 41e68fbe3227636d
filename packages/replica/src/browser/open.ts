import { MessagePortToCore, type CoreMessage } from '../message-port.ts'
import { PageReplica } from '../page.ts'
import type { Replica } from '../replica.ts'
import { bootCache } from './boot-cache.ts'
import { IndexedDbBlobs } from './indexeddb-blobs.ts'
import { IndexedDbOutbox } from './indexeddb-outbox.ts'
import { nextPaint } from './next-paint.ts'
import type { Bodies } from '../subscribe.ts'
import type { PageVisible, WorkerStart } from './worker.ts'

export interface OpenOptions {
  readonly userId: string
  /** `wss://…/sync` of the server. */
  readonly socketUrl: string
  readonly appVersion: string
  /** Of which sessions the bodies are kept on this device (LF-12). */
  readonly bodies: Bodies
}

/** Opens this browser's replica: the page's end of it. Header rows of last time are there at once. */
export async function openReplica(options: OpenOptions): Promise<Replica> {
  const outbox = await IndexedDbOutbox.open(options.userId)
  // What waits to be sent is nowhere else: a browser that is short of room is asked to take others' first.
  void navigator.storage?.persist?.()
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'coppice-replica' })
  const port = new MessagePortToCore(
    (message) => worker.postMessage(message),
    () => worker.terminate(),
  )
  worker.onmessage = (event: MessageEvent<CoreMessage>) => port.receive(event.data)
  worker.postMessage({ start: { ...options } } satisfies WorkerStart)
  // A worker is not told of these; the page is.
  const tell = (online: boolean): void => void port.call('network', { online })
  window.addEventListener('online', () => tell(true))
  window.addEventListener('offline', () => tell(false))
  document.addEventListener('visibilitychange', () => {
    worker.postMessage({ visible: document.visibilityState === 'visible' } satisfies PageVisible)
    if (document.visibilityState === 'visible' && navigator.onLine) tell(true)
  })
  const blobs = new IndexedDbBlobs(options.userId)
  const boot = bootCache(options.userId)
  return new PageReplica({ port, outbox, blobs, userId: options.userId, boot, painted: nextPaint })
}
