import path from 'node:path'
import { LIMITS } from '../limits.ts'
import type { Store } from '../store/store-calls.ts'
import { BlobFiles } from './blob-files.ts'
import { Blobs } from './blobs.ts'

/** Nothing is being received for so long. */
const HALF_RECEIVED_MS = 24 * 3_600_000

/** The blobs of a data folder. What nothing points to is collected now and then. */
export async function openBlobs(
  store: Pick<Store, 'query'>,
  dataFolder: string,
  report: (error: unknown) => void,
): Promise<{ blobs: Blobs; close(): void }> {
  const files = new BlobFiles(path.join(dataFolder, 'blobs'))
  await files.sweep(Date.now() - HALF_RECEIVED_MS)
  const blobs = new Blobs(store, files)
  const collect = async (): Promise<void> => {
    for (const workspaceId of await blobs.workspaces())
      await blobs.collect(workspaceId, Date.now() - LIMITS.blobGraceMs, false)
  }
  const timer = setInterval(() => void collect().catch(report), LIMITS.blobCollectMs)
  timer.unref()
  return { blobs, close: () => clearInterval(timer) }
}
