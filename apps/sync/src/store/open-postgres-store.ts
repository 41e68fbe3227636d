import { EventStore } from './event-store.ts'
import { lockFolder } from './folder-lock.ts'
import { PostgresSql } from './postgres-sql.ts'
import type { RunningStore } from './running-store.ts'
import { migrate } from './schema.ts'

/**
 * Opens the store on a PostgreSQL that servers may share. The lock is for what is this server's own in its folder.
 * Throws `FolderRefused`, or `StoreRefused` with what is to be mended.
 */
export async function openPostgresStore(
  dataFolder: string,
  databaseUrl: string,
  report: (error: unknown) => void,
): Promise<RunningStore> {
  const lock = lockFolder(dataFolder)
  let sql: PostgresSql | undefined
  try {
    sql = await PostgresSql.open(databaseUrl, report)
    const opened = sql
    await opened.exclusively(() => migrate(opened))
    const store = new EventStore(opened)
    const { promise: failed } = Promise.withResolvers<Error>()
    const close = async (): Promise<void> => {
      await store.close()
      lock.release()
    }
    return {
      shared: true,
      failed,
      close,
      openLog: (id) => store.openLog(id),
      heads: () => store.heads(),
      append: (batch) => store.append(batch),
      readLog: (logNo, after, limit) => store.readLog(logNo, after, limit),
      readStream: (logNo, stream, part) => store.readStream(logNo, stream, part),
      findEvents: (logNo, ids) => store.findEvents(logNo, ids),
      findReceipts: (ids) => store.findReceipts(ids),
      nextEpoch: (producerId) => store.nextEpoch(producerId),
      epochsOf: (producerIds) => store.epochsOf(producerIds),
      query: (text, parameters) => store.query(text, parameters),
      takeTurn: (logNo) => opened.takeTurn(logNo),
      exclusively: (work) => opened.exclusively(work),
    }
  } catch (error) {
    await sql?.close()
    lock.release()
    throw error
  }
}
