import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import type { ServerKey } from '@coppice/protocol'
import type { Settings } from '../settings.ts'

/** Signs what the server vouches for, with an Ed25519 key of its own. */
export interface SigningKey extends ServerKey {
  /** Signature over the text's UTF-8 bytes, hex. */
  sign(text: string): string
}

/** The key kept with the server's settings, made at the first start. Servers that share a database share it. */
export async function openSigningKey(settings: Settings): Promise<SigningKey> {
  const kept = await settings.keep('signing_key', () =>
    generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  )
  return keyOf(createPrivateKey(kept))
}

function keyOf(key: KeyObject): SigningKey {
  // The last 32 bytes of the DER form are the key itself.
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' }).subarray(-32)
  return {
    keyId: createHash('sha256').update(publicKey).digest('hex').slice(0, 16),
    publicKey: publicKey.toString('hex'),
    sign: (text) => sign(null, Buffer.from(text), key).toString('hex'),
  }
}
