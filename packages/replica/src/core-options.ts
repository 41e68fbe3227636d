import type { BlobOutbox } from './blobs/blob-outbox.ts'
import type { BlobTransport } from './blobs/blob-transport.ts'
import type { Socket } from './connection.ts'
import type { Outbox } from './outbox.ts'
import type { Notice } from './port.ts'
import type { Store } from './store.ts'
import type { Bodies } from './subscribe.ts'

/** What a core is made of, and whom it tells. */
export interface CoreOptions {
  readonly store: Store
  readonly outbox: Outbox
  /** Files that go with commands: where they are kept meanwhile, and how they reach the server. */
  readonly blobs?: { readonly outbox: BlobOutbox; readonly transport: BlobTransport } | undefined
  readonly userId: string
  readonly clientId: string
  readonly appVersion: string
  /** The store is a stand-in until {@link ReplicaCore.moveTo} is called. */
  readonly opening?: boolean
  /** Of which sessions the bodies are kept here; all of them unless told otherwise. */
  readonly bodies?: Bodies
  readonly connect: () => Socket
  readonly now: () => number
  readonly notify: (notice: Notice) => void
}
