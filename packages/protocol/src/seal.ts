/**
 * Sealing a secret for one runner: only the holder of its private key can read it, not the server that passes it on.
 * As in ECIES (SEC 1, 5.1): an ephemeral P-256 key, HKDF-SHA-256, AES-256-GCM. The context (for whom and under which name) is
 * authenticated: a sealed value cannot be passed off as another one's. Uses the Web Crypto API, so that page and runner share it;
 * pages have that only where the address is https or this machine.
 */
const curve = { name: 'ECDH', namedCurve: 'P-256' } as const
const publicBytes = 65
const nonceBytes = 12

/** A runner's key pair: `publicKey` for those who seal, `privateKey` (PKCS 8) to be kept; both base64url. */
export type SealKeys = { readonly publicKey: string; readonly privateKey: string }

export async function makeSealKeys(): Promise<SealKeys> {
  const pair = await crypto.subtle.generateKey(curve, true, ['deriveBits'])
  return {
    publicKey: toText(new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey))),
    privateKey: toText(new Uint8Array(await crypto.subtle.exportKey('pkcs8', pair.privateKey))),
  }
}

/** Whether this page may seal at all: over plain http only on this machine. */
export const canSeal = (): boolean => 'subtle' in crypto

/** @throws where the key is none, or the page has no Web Crypto. */
export async function seal(publicKey: string, text: string, context: string): Promise<string> {
  const mine = await crypto.subtle.generateKey(curve, true, ['deriveBits'])
  const theirs = await crypto.subtle.importKey('raw', fromText(publicKey), curve, false, [])
  const head = new Uint8Array(await crypto.subtle.exportKey('raw', mine.publicKey))
  const key = await sharedKey(mine.privateKey, theirs, head, 'encrypt')
  const nonce = crypto.getRandomValues(new Uint8Array(nonceBytes))
  const box = await crypto.subtle.encrypt(cipher(nonce, context), key, new TextEncoder().encode(text))
  return toText(joined(head, nonce, new Uint8Array(box)))
}

/** @throws {SealBroken} where it was sealed for another runner or in another context, or was changed on its way. */
export async function unseal({ privateKey }: SealKeys, sealed: string, context: string): Promise<string> {
  try {
    const bytes = fromText(sealed)
    const head = bytes.slice(0, publicBytes)
    const mine = await crypto.subtle.importKey('pkcs8', fromText(privateKey), curve, false, ['deriveBits'])
    const theirs = await crypto.subtle.importKey('raw', head, curve, false, [])
    const key = await sharedKey(mine, theirs, head, 'decrypt')
    const nonce = bytes.slice(publicBytes, publicBytes + nonceBytes)
    const text = await crypto.subtle.decrypt(cipher(nonce, context), key, bytes.slice(publicBytes + nonceBytes))
    return new TextDecoder('utf-8', { fatal: true }).decode(text)
  } catch (error) {
    throw new SealBroken(error)
  }
}

/** A sealed value cannot be opened. */
export class SealBroken extends Error {
  constructor(cause: unknown) {
    super('The value was not sealed for this runner, or was changed on its way. Load the page anew and set it again.', {
      cause,
    })
    this.name = 'SealBroken'
  }
}

/** What a secret is sealed for. */
export const sealContext = (scope: 'workspace' | 'runner', owner: string, name: string): string =>
  JSON.stringify([scope, owner, name])

type Bytes = Uint8Array<ArrayBuffer>
type CurveKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>

async function sharedKey(mine: CurveKey, theirs: CurveKey, head: Bytes, use: 'encrypt' | 'decrypt'): Promise<CurveKey> {
  const bits = await crypto.subtle.deriveBits({ name: 'ECDH', public: theirs }, mine, 256)
  const material = await crypto.subtle.importKey('raw', bits, 'HKDF', false, ['deriveKey'])
  const info = new TextEncoder().encode('coppice/seal/1')
  const way = { name: 'HKDF', hash: 'SHA-256', salt: head, info }
  return crypto.subtle.deriveKey(way, material, { name: 'AES-GCM', length: 256 }, false, [use])
}

const cipher = (nonce: Bytes, context: string) => ({
  name: 'AES-GCM',
  iv: nonce,
  additionalData: new TextEncoder().encode(context),
})

function joined(...parts: readonly Bytes[]): Bytes {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

function toText(bytes: Bytes): string {
  const letters = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
  return btoa(letters).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}

function fromText(text: string): Bytes {
  const letters = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  return Uint8Array.from(letters, (letter) => letter.charCodeAt(0))
}
