import { generateKeyPairSync, sign } from 'node:crypto'
import type { SigningKey } from '../../apps/sync/src/proof/signing-key.ts'

/** A signing key for one process: signatures are not part of a run's trace. */
export function makeKey(): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const raw = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32)
  return {
    keyId: 'simulated',
    publicKey: raw.toString('hex'),
    sign: (text) => sign(null, Buffer.from(text), privateKey).toString('hex'),
  }
}
