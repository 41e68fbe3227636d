import { parentPort, workerData } from 'node:worker_threads'
import { copyDatabase, openDatabase } from './database.ts'
import { EventStore } from './event-store.ts'
import { CheckpointFailed, PgliteSql } from './pglite-sql.ts'
import { migrate } from './schema.ts'
import type { StoreAnswer, StoreCall } from './store-calls.ts'

/** The thread that the database blocks while it works. It takes calls in the order they come. */
const port = parentPort
if (port === null) throw new Error('store-thread.ts is the inside of a worker thread: start it with openStore()')

const answer = (message: StoreAnswer): void => port.postMessage(message)

async function serve(): Promise<void> {
  const { folder } = workerData as { folder: string }
  const { pg, files } = await openDatabase(folder)
  const sql = new PgliteSql(pg)
  await migrate(sql)
  const store = new EventStore(sql)
  const waiting: StoreCall[] = []
  let running = false

  const ask = async ({ method, args }: StoreCall): Promise<unknown> => {
    if (method === 'syncs') return files.syncs
    // Between two calls: nothing is being written, and after a checkpoint the files say all.
    if (method === 'copyTo') {
      await sql.checkpoint()
      return copyDatabase(folder, String(args[0]))
    }
    const asked = store[method] as (...args: unknown[]) => Promise<unknown>
    return asked.apply(store, [...args])
  }

  const run = async (call: StoreCall): Promise<void> => {
    try {
      answer({ kind: 'value', id: call.id, value: await ask(call) })
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : undefined
      answer({ kind: 'error', id: call.id, message: error instanceof Error ? error.message : String(error), code })
      // This thread's end is the store's; a new start recovers it.
      if (error instanceof CheckpointFailed) throw error
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
      if (sql.tidyOverdue) await sql.tidy()
    }
    running = false
    setTimeout(() => {
      if (!running && waiting.length === 0) void tidyQuietly()
    }, 200).unref()
  }

  const tidyQuietly = async (): Promise<void> => {
    running = true
    await sql.tidy()
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
