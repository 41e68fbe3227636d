import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { z } from 'zod'
import { canonicalText } from '../canonical.ts'
import { HASH_BYTES, type Hash } from './tree.ts'

/** A hash as it is written in messages and files: lowercase hex. */
export const hashSchema = z.string().regex(new RegExp(`^[0-9a-f]{${HASH_BYTES * 2}}$`))

export const hashText = (hash: Hash): string => bytesToHex(hash)
export const hashOf = (text: string): Hash => hexToBytes(text)

/** What a server vouches for: the first `size` events of this log, and no others, have this root. */
export const treeHeadSchema = z.object({
  log: z.string().max(100),
  epoch: z.string().max(64),
  size: z.int().min(0),
  root: hashSchema,
  /** When it was signed, milliseconds since 1970. */
  at: z.number(),
})
export type TreeHead = z.infer<typeof treeHeadSchema>

/** A head with the server's Ed25519 signature over {@link headText}, in hex. */
export const signedHeadSchema = treeHeadSchema.extend({
  /** Which key signed: SHA-256 of the public key, first 16 hex digits. */
  keyId: z.string().max(64),
  signature: z.string().regex(/^[0-9a-f]{128}$/),
})
export type SignedHead = z.infer<typeof signedHeadSchema>

/** The text that is signed. Its first member says what it is, so that a signature for one purpose serves no other. */
export const headText = ({ log, epoch, size, root, at }: TreeHead): string =>
  canonicalText({ coppice: 'tree head 1', log, epoch, size, root, at })
