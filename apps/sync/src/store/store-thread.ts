import { parentPort, workerData } from 'node:worker_threads'
import { EventStore } from './event-store.ts'
import type { StoreAnswer, StoreCall } from './store-calls.ts'

/** The thread that the database blocks while it works. It takes calls in the order they come. */
const port = parentPort
if (port === null) throw new Error('store-thread.ts is the inside of a worker thread: start it with openStore()')

const answer = (message: StoreAnswer): void => port.postMessage(message)

async function serve(): Promise<void> {
  const { folder } = workerData as { folder: string }
  const store = await EventStore.open(folder)
  const waiting: StoreCall[] = []
  let running = false

  const run = async (call: StoreCall): Promise<void> => {
    try {
      const method = store[call.method] as (...args: unknown[]) => Promise<unknown>
      answer({ kind: 'value', id: call.id, value: await method.apply(store, [...call.args]) })
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : undefined
      answer({ kind: 'error', id: call.id, message: error instanceof Error ? error.message : String(error), code })
    }
  }

  const drain = async (): Promise<void> => {
    if (running) return
    running = true
    for (let call = waiting.shift(); call !== undefined; call = waiting.shift()) {
      await run(call)
      if (call.method === 'close') {
        port?.close()
        return
      }
      if (store.tidyOverdue) await store.tidy()
    }
    running = false
    setTimeout(() => {
      if (!running && waiting.length === 0) void tidyQuietly()
    }, 200).unref()
  }

  const tidyQuietly = async (): Promise<void> => {
    running = true
    await store.tidy()
    running = false
    await drain()
  }

  port?.on('message', (call: StoreCall) => {
    waiting.push(call)
    void drain()
  })
  answer({ kind: 'ready' })
}

serve().catch((error: unknown) => {
  answer({ kind: 'failed', message: error instanceof Error ? error.message : String(error) })
  port.close()
})
