import { attachedTo } from '@coppice/events'
import type { Outbox } from '../outbox.ts'
import { BLOB_KEPT_MS, type BlobOutbox } from './blob-outbox.ts'

/** Files that commands name which wait, or were refused and can be sent again: their bytes stay, whatever their age. */
export async function neededBlobs(outbox: Outbox): Promise<ReadonlySet<string>> {
  const commands = [...(await outbox.entries()), ...(await outbox.refused())]
  return new Set(commands.flatMap(({ command }) => attachedTo(command).map(({ sha256 }) => sha256)))
}

/** Lets go of files that nothing needs any more and whose time is over. */
export async function forgetOldBlobs(blobs: BlobOutbox, outbox: Outbox, now: number): Promise<void> {
  try {
    await forget(blobs, outbox, now)
  } catch (error) {
    // Nothing waits for this: they are let go of another time.
    console.error('Old files on this device could not be let go of.', error)
  }
}

async function forget(blobs: BlobOutbox, outbox: Outbox, now: number): Promise<void> {
  const before = now - BLOB_KEPT_MS
  const old = (await blobs.list()).filter(({ at }) => at <= before)
  if (old.length === 0) return
  const needed = await neededBlobs(outbox)
  for (const { sha256 } of old) if (!needed.has(sha256)) await blobs.remove(sha256, before)
}
