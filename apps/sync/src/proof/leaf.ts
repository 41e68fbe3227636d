import { createHash } from 'node:crypto'
import type { Hash } from '@coppice/events'

const LEAF = Uint8Array.of(0)

/** The leaf hash of a stored event: the same as `leafHash` of the domain, by the machine's own SHA-256. */
export const leafOf = (body: string): Hash => createHash('sha256').update(LEAF).update(body).digest()
