import { attachmentSchema, LIMITS, refuse, type Attachment, type Refusal } from '@coppice/events'
import type { Outbox } from '../outbox.ts'
import { DEVICE_BLOB_BYTES, type BlobOutbox } from './blob-outbox.ts'
import { neededBlobs } from './needed.ts'
import { sha256Hex } from './sha256.ts'

const MIB = 1024 * 1024

/**
 * Takes a file's bytes in, so that a command can name them. Durable when it settles. A file that any server would refuse,
 * or that finds no room on this device, is refused with a sentence, and nothing is kept.
 */
export async function keepBlob(
  { blobs, outbox, now }: { readonly blobs: BlobOutbox; readonly outbox: Outbox; readonly now: number },
  file: Blob,
  of: { readonly name: string; readonly type: string },
): Promise<Attachment | Refusal> {
  const name = nameOf(of.name)
  if (file.size > LIMITS.blobBytes)
    return refuse(
      'too_large',
      `“${name}” has ${Math.ceil(file.size / MIB)} MiB; a file has at most ${LIMITS.blobBytes / MIB} MiB. It was not attached.`,
    )
  try {
    // Read once: a file that is changed meanwhile would not be what its name says.
    const bytes = new Uint8Array(await file.arrayBuffer())
    const sha256 = await sha256Hex(bytes)
    if (!(await makeRoom(blobs, outbox, bytes.length)))
      return refuse(
        'not_stored',
        `Files that wait on this device take ${DEVICE_BLOB_BYTES / MIB} MiB already. “${name}” was not attached; go on line so that they are sent, and try again.`,
      )
    await blobs.put(sha256, new Blob([bytes]), now)
    return attachmentSchema.parse({ sha256, size: bytes.length, type: of.type.slice(0, 100), name })
  } catch (error) {
    console.error(`The file ${name} could not be kept.`, error)
    const why = error instanceof Error ? error.message || error.name : String(error)
    return refuse('not_stored', `“${name}” could not be read or kept on this device (${why}). It was not attached.`)
  }
}

/** Whether there is room now. What a server has gives way, the oldest first. */
async function makeRoom(blobs: BlobOutbox, outbox: Outbox, bytes: number): Promise<boolean> {
  const kept = (await blobs.list()).toSorted((a, b) => a.at - b.at)
  let used = kept.reduce((sum, { size }) => sum + size, bytes)
  if (used <= DEVICE_BLOB_BYTES) return true
  const needed = await neededBlobs(outbox)
  for (const { sha256, size, sent, at } of kept) {
    if (used <= DEVICE_BLOB_BYTES) return true
    if (!sent || needed.has(sha256)) continue
    await blobs.remove(sha256, at)
    used -= size
  }
  return used <= DEVICE_BLOB_BYTES
}

/** A pasted picture may have no name, and one from a file system may be longer than a name can be. */
function nameOf(name: string): string {
  const trimmed = name.toWellFormed().trim()
  if (trimmed === '') return 'file'
  if (trimmed.length <= LIMITS.nameChars) return trimmed
  const dot = trimmed.lastIndexOf('.')
  const ending = dot > 0 && trimmed.length - dot <= 12 ? trimmed.slice(dot) : ''
  return (trimmed.slice(0, LIMITS.nameChars - ending.length) + ending).toWellFormed().trim()
}
