import type { EventStore } from './event-store.ts'

/** What may be asked of the store from another thread: every method of it that answers with plain data. */
export type StoreMethod =
  | 'openLog'
  | 'heads'
  | 'append'
  | 'readLog'
  | 'readStream'
  | 'findEvents'
  | 'findReceipts'
  | 'nextEpoch'
  | 'epochsOf'
  | 'query'
  | 'close'

/** The store as seen from another thread. */
export type Store = Pick<EventStore, StoreMethod>

export interface StoreCall {
  readonly id: number
  /** `syncs`: how many syncs have reached the disk. `copyTo`: the whole database as it is now, into a new folder. */
  readonly method: StoreMethod | 'syncs' | 'copyTo'
  readonly args: readonly unknown[]
}

/** `ready` comes once, before any answer. */
export type StoreAnswer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'value'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'error'; readonly id: number; readonly message: string; readonly code: string | undefined }
