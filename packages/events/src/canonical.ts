import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import canonicalize from 'canonicalize'

/** A value that JSON can carry. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/**
 * Canonical JSON text (RFC 8785): one value, one text, on every machine. Events are stored and hashed in this form.
 *
 * Lone surrogates cannot be stored as UTF-8 and are replaced by U+FFFD first; everything else, NUL included, is kept.
 *
 * @throws {TypeError} if the value holds something JSON has no form for (a function, a non-finite number).
 */
export function canonicalText(value: unknown): string {
  const text = canonicalize(wellFormed(value))
  if (text === undefined) throw new TypeError(`No JSON form for a value of type ${typeof value}.`)
  return text
}

/** SHA-256 of a text's UTF-8 bytes, in hex. */
export const sha256Hex = (text: string): string => bytesToHex(sha256(utf8ToBytes(text)))

/** Length of a text in UTF-8 bytes. */
export const utf8Length = (text: string): number => utf8ToBytes(text).length

function wellFormed(value: unknown): unknown {
  if (typeof value === 'string') return value.isWellFormed() ? value : value.toWellFormed()
  if (Array.isArray(value)) return value.map(wellFormed)
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key.toWellFormed(), wellFormed(inner)]))
  }
  return value
}
