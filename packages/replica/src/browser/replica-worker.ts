import type { Bodies } from '../subscribe.ts'
import type { CoreMessage } from '../message-port.ts'
import type { FromPage } from './worker.ts'

export interface OpenOptions {
  readonly userId: string
  /** `wss://…/sync` of the server. */
  readonly socketUrl: string
  readonly appVersion: string
  /** Of which sessions the bodies are kept on this device (LF-12). */
  readonly bodies: Bodies
}

/** The worker that holds this tab's end of the replica, as the page sees it. */
export interface ReplicaWorker {
  readonly post: (message: FromPage) => void
  readonly end: () => void
  /** From now on `receive` is given what the worker says, first of all what it has said already. */
  readonly listen: (receive: (message: CoreMessage) => void) => void
}

let begun: { readonly userId: string | undefined; readonly worker: ReplicaWorker } | undefined

/**
 * Starts the worker before the page is there: loading it and opening the database then take a core of their own, not a turn
 * after the page. Where it is not known yet who is here, its code alone is loaded.
 */
export function beginReplicaWorker(options: OpenOptions | undefined): void {
  if (begun) return
  const worker = makeWorker()
  worker.post(options ? { start: options } : { prepare: true })
  begun = { userId: options?.userId, worker }
}

/** The worker that was begun for this person, or a new one. */
export function replicaWorker(options: OpenOptions): ReplicaWorker {
  const early = begun
  begun = undefined
  if (early?.userId === options.userId) return early.worker
  const somebodyElses = early?.userId !== undefined
  if (somebodyElses) early.worker.end()
  const worker = early && !somebodyElses ? early.worker : makeWorker()
  worker.post({ start: options })
  return worker
}

function makeWorker(): ReplicaWorker {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'coppice-replica' })
  const said: CoreMessage[] = []
  worker.onmessage = (event: MessageEvent<CoreMessage>) => said.push(event.data)
  return {
    post: (message) => worker.postMessage(message),
    end: () => worker.terminate(),
    listen(receive) {
      for (const message of said.splice(0)) receive(message)
      worker.onmessage = (event: MessageEvent<CoreMessage>) => receive(event.data)
    },
  }
}
