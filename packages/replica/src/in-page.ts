import { MemoryBlobOutbox } from './blobs/blob-outbox.ts'
import type { CoreOptions } from './core-options.ts'
import { ReplicaCore } from './core.ts'
import { MemoryStore } from './memory-store.ts'
import { answerCall, MessagePortToCore, type CallMessage, type CoreMessage } from './message-port.ts'
import { MemoryOutbox, type Outbox } from './outbox.ts'
import { PageReplica } from './page.ts'
import type { Replica } from './replica.ts'
import type { Store } from './store.ts'

export interface InPageOptions extends Omit<CoreOptions, 'store' | 'outbox' | 'notify' | 'now'> {
  readonly store?: Store
  readonly outbox?: Outbox
  readonly now?: () => number
}

/** A replica without a worker, for programs and tests. Core and page talk over a real channel, so that order is as with a worker. */
export function openInPage(options: InPageOptions): Replica & { networkChanged(online: boolean): void } {
  const outbox = options.outbox ?? new MemoryOutbox()
  const { port1, port2 } = new MessageChannel()
  const post = (message: CoreMessage): void => port2.postMessage(message)
  const core = ReplicaCore.open({
    ...options,
    store: options.store ?? new MemoryStore(),
    outbox,
    now: options.now ?? Date.now,
    notify: (notice) => post({ kind: 'notice', notice }),
  })
  onMessage<CallMessage>(port2, (message) => void core.then((open) => answerCall(open, message)).then(post))
  const port = new MessagePortToCore(
    (message) => port1.postMessage(message),
    () => {
      void core.then((open) => open.close())
      port1.close()
    },
  )
  onMessage<CoreMessage>(port1, (message) => port.receive(message))
  const blobs = options.blobs?.outbox ?? new MemoryBlobOutbox()
  const page = new PageReplica({
    port,
    outbox,
    blobs,
    userId: options.userId,
    ...(options.now && { now: options.now }),
  })
  return Object.assign(page, {
    networkChanged: (online: boolean) => void core.then((open) => open.networkChanged(online)),
  })
}

type End = InstanceType<typeof MessageChannel>['port1']

function onMessage<T>(port: End, listener: (message: T) => void): void {
  port.addEventListener('message', (event: Event) => listener((event as Event & { data: T }).data))
  port.start()
}
