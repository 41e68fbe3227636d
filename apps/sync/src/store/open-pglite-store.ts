import path from 'node:path'
import { Worker } from 'node:worker_threads'
import { databaseExists } from './database-exists.ts'
import { lockFolder } from './folder-lock.ts'
import type { RunningStore } from './running-store.ts'
import type { Store, StoreAnswer, StoreCall, StoreMethod } from './store-calls.ts'
import { StoreError } from './store-error.ts'

interface Waiting {
  resolve(value: unknown): void
  reject(error: Error): void
}

/**
 * Locks the data folder and opens its store in a worker thread: PGlite blocks the thread it runs in.
 * Throws `FolderRefused` when the folder is taken or cannot be written.
 */
export async function openPgliteStore(dataFolder: string): Promise<RunningStore> {
  const lock = lockFolder(dataFolder)
  const folder = path.join(dataFolder, 'store')
  try {
    if (!databaseExists(folder)) await makeDatabase(folder)
  } catch (error) {
    lock.release()
    throw error
  }
  const worker = new Worker(new URL('./store-thread.ts', import.meta.url), { workerData: { folder } })
  const waiting = new Map<number, Waiting>()
  let nextId = 1
  let closing = false
  let dead: Error | undefined
  const { promise: failed, resolve: reportFailure } = Promise.withResolvers<Error>()

  const die = (error: Error): void => {
    dead ??= error
    lock.release()
    for (const call of waiting.values()) call.reject(dead)
    waiting.clear()
    if (!closing) reportFailure(dead)
  }

  const ready = new Promise<void>((resolve, reject) => {
    worker.on('message', (answer: StoreAnswer) => {
      if (answer.kind === 'ready') return resolve()
      if (answer.kind === 'failed') return reject(new StoreError(answer.message, undefined))
      const call = waiting.get(answer.id)
      waiting.delete(answer.id)
      if (answer.kind === 'value') call?.resolve(answer.value)
      else call?.reject(new StoreError(answer.message, answer.code))
    })
    worker.on('error', (error) => {
      die(error instanceof Error ? error : new Error(String(error)))
      reject(error)
    })
    worker.on('exit', () => {
      const error = new StoreError('The store has stopped.', undefined)
      die(error)
      reject(error)
    })
  })

  const call = (method: StoreCall['method'], ...args: readonly unknown[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (dead !== undefined) return reject(dead)
      const message: StoreCall = { id: nextId, method, args }
      nextId += 1
      waiting.set(message.id, { resolve, reject })
      worker.postMessage(message)
    })

  await ready
  const close = async (): Promise<void> => {
    if (closing) return
    closing = true
    const exited = new Promise((resolve) => worker.once('exit', resolve))
    await call('close')
    await exited
    lock.release()
  }
  const remote = <M extends StoreMethod>(method: M): Store[M] =>
    ((...args: readonly unknown[]) => call(method, ...args)) as Store[M]
  return {
    shared: false,
    failed,
    close,
    openLog: remote('openLog'),
    heads: remote('heads'),
    append: remote('append'),
    readLog: remote('readLog'),
    readStream: remote('readStream'),
    findEvents: remote('findEvents'),
    findReceipts: remote('findReceipts'),
    nextEpoch: remote('nextEpoch'),
    epochsOf: remote('epochsOf'),
    query: remote('query'),
    syncs: () => call('syncs') as Promise<number>,
    copyTo: (target) => call('copyTo', target) as Promise<void>,
    // There is no other writer: the folder's lock sees to that.
    takeTurn: async () => () => undefined,
    exclusively: (work) => work(),
  }
}

/** In a thread that ends: making a database takes a second copy of PGlite, whose memory goes with the thread. */
function makeDatabase(folder: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./create-thread.ts', import.meta.url), { workerData: { folder } })
    worker.on('error', reject)
    worker.on('exit', (code) =>
      code === 0 ? resolve() : reject(new StoreError('The store could not be made.', undefined)),
    )
  })
}
