import { sha256 as noble } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'

const PIECE_BYTES = 4 * 1024 * 1024

/** The SHA-256 of bytes in lowercase hexadecimal. Where the page came over plain HTTP the browser has none: then ours. */
export async function sha256Hex(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  // In an insecure context `subtle` is not there, whatever its type says.
  const subtle = crypto.subtle as typeof crypto.subtle | undefined
  if (subtle) return bytesToHex(new Uint8Array(await subtle.digest('SHA-256', bytes)))
  const hash = noble.create()
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    hash.update(bytes.subarray(at, at + PIECE_BYTES))
    // The page stays usable meanwhile.
    await new Promise((resolve) => setTimeout(resolve, 0))
  }
  return bytesToHex(hash.digest())
}
