import { canonicalText, hashSchema, signedHeadSchema } from '@coppice/events'
import { z } from 'zod'

/** The server's public key, that tree heads and snapshots are signed with (Ed25519). */
export const serverKeySchema = z.object({ keyId: z.string().max(64), publicKey: z.string().regex(/^[0-9a-f]{64}$/) })
export type ServerKey = z.infer<typeof serverKeySchema>

/** A newly signed tree head, to all who follow the log. */
export const headSchema = z.object({ t: z.literal('head'), head: signedHeadSchema })

/** From a client: the newest head it saw; the server passes it on to the others of that log, who compare (AU-2). */
export const headSeenSchema = z.object({ t: z.literal('headSeen'), head: signedHeadSchema })

/** Asks for proof: that the tree of `size` begins with that of `earlier`, or that the events at these positions are in it. */
export const proveSchema = z.object({
  t: z.literal('prove'),
  id: z.string().max(64),
  log: z.string().max(100),
  size: z.int().min(0),
  earlier: z.int().min(0).optional(),
  positions: z.array(z.int().min(1)).max(500).optional(),
})

/** Proofs, each a list of hashes; empty lists and a `problem` where the server has no such tree. */
export const proofSchema = z.object({
  t: z.literal('proof'),
  id: z.string(),
  problem: z.string().optional(),
  consistency: z.array(hashSchema).optional(),
  inclusion: z.array(z.array(hashSchema)).optional(),
})
export type ProofAnswer = z.infer<typeof proofSchema>

/** The text that a snapshot's signature covers. */
export const snapshotText = (of: {
  log: string
  epoch: string
  position: number
  projection: number
  root: string
  digest: string
  at: number
}): string => {
  const { log, epoch, position, projection, root, digest, at } = of
  return canonicalText({ coppice: 'snapshot 1', log, epoch, position, projection, root, digest, at })
}
