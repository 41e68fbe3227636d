import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

const nonceBytes = 12
const tagBytes = 16

/** Encrypts a text with AES-256-GCM. What it belongs to is authenticated, so that no box can take another one's place. */
export function encrypt(key: Buffer, text: string, belongsTo: string): string {
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(belongsTo))
  const box = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return Buffer.concat([nonce, box, cipher.getAuthTag()]).toString('base64')
}

/** The text of a box; undefined where the key is another, or the box was changed or belongs to something else. */
export function decrypt(key: Buffer, box: string, belongsTo: string): string | undefined {
  const bytes = Buffer.from(box, 'base64')
  if (bytes.length < nonceBytes + tagBytes) return undefined
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes)).setAAD(Buffer.from(belongsTo))
  decipher.setAuthTag(bytes.subarray(-tagBytes))
  try {
    return decipher.update(bytes.subarray(nonceBytes, -tagBytes), undefined, 'utf8') + decipher.final('utf8')
  } catch (error) {
    if (error instanceof Error && /unable to authenticate|unsupported state/i.test(error.message)) return undefined
    throw error
  }
}
