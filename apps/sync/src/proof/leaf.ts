import { hash } from 'node:crypto'
import { HASH_BYTES, type Hash } from '@coppice/events'

/** What is hashed is put together here: nearly every event fits. */
const SCRATCH = Buffer.alloc(8 * 1024)

/** The leaf hash of a stored event: the same as `leafHash` of the domain, by the machine's own SHA-256. */
export function leafOf(body: string): Hash {
  const length = 1 + Buffer.byteLength(body)
  const bytes = length <= SCRATCH.length ? SCRATCH.subarray(0, length) : Buffer.allocUnsafe(length)
  bytes[0] = 0
  bytes.write(body, 1)
  return hash('sha256', bytes, 'buffer')
}

/** The hash of an inner node: the same as `nodeHash` of the domain, by the machine's own SHA-256. */
export function nodeOf(left: Hash, right: Hash): Hash {
  const bytes = SCRATCH.subarray(0, 1 + 2 * HASH_BYTES)
  bytes[0] = 1
  bytes.set(left, 1)
  bytes.set(right, 1 + HASH_BYTES)
  return hash('sha256', bytes, 'buffer')
}
