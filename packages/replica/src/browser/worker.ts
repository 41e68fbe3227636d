/// <reference lib="webworker" />
import type { CallMessage } from '../message-port.ts'
import { beginEngine } from './engine.ts'
import { leaderLock } from './leader-lock.ts'
import type { OpenOptions } from './replica-worker.ts'

/** What a page says that does not know yet whose replica it will be. */
export interface WorkerPrepare {
  readonly prepare: true
}
/** The first message that counts. */
export interface WorkerStart {
  readonly start: OpenOptions
}
/** Whenever the page is shown or hidden. */
export interface PageVisible {
  readonly visible: boolean
}

export type FromPage = WorkerPrepare | WorkerStart | PageVisible | CallMessage

declare const self: DedicatedWorkerGlobalScope

const waiting: FromPage[] = []
self.onmessage = ({ data }: MessageEvent<FromPage>) => {
  if (waiting.push(data) === 1) void begin(data)
}

/** Loading the code takes this thread about as long as the browser needs to fetch the database's parts: those first. */
async function begin(first: FromPage): Promise<void> {
  if ('start' in first && (await leadsHere(first.start.userId))) beginEngine()
  const { receive } = await import('./replica-thread.ts')
  for (const message of waiting.splice(0)) receive(message)
  self.onmessage = ({ data }: MessageEvent<FromPage>) => receive(data)
}

/** Whether this tab will lead, by all that can be seen. Only one that leads opens a database. */
async function leadsHere(userId: string): Promise<boolean> {
  const { held } = await navigator.locks.query()
  return !held?.some(({ name }) => name === leaderLock(userId))
}
