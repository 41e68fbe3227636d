import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'

/** A value that JSON can carry. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/**
 * Canonical JSON text (RFC 8785): one value, one text, on every machine. Events are stored and hashed in this form.
 * ECMAScript writes numbers and strings as the RFC wants them; what is left is the order of keys.
 *
 * Lone surrogates cannot be stored as UTF-8 and are replaced by U+FFFD; everything else, NUL included, is kept.
 *
 * @throws {TypeError} if the value holds something JSON has no form for (a function, a non-finite number).
 */
export function canonicalText(value: unknown): string {
  // The machine's own writer is several times as fast as ours, and most of what comes is in order already.
  return isCanonical(value) ? JSON.stringify(value) : orderedText(value)
}

/** Whether `JSON.stringify` gives the canonical text: every key in its place, and nothing that it writes in another way. */
function isCanonical(value: unknown): boolean {
  switch (typeof value) {
    case 'string':
      return value.isWellFormed()
    case 'number':
      return Number.isFinite(value)
    case 'boolean':
      return true
    case 'object':
      if (value === null) return true
      return Array.isArray(value) ? value.every(isCanonical) : hasCanonicalMembers(value as Record<string, unknown>)
    default:
      return false
  }
}

function hasCanonicalMembers(object: Readonly<Record<string, unknown>>): boolean {
  if (typeof object['toJSON'] === 'function') return false
  let before = ''
  for (const key of Object.keys(object)) {
    const value = object[key]
    if (key < before || !key.isWellFormed() || !(value === undefined || isCanonical(value))) return false
    before = key
  }
  return true
}

function orderedText(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value.toWellFormed())
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError(`JSON has no form for the number ${value}.`)
      return JSON.stringify(value)
    case 'boolean':
      return value ? 'true' : 'false'
    case 'object':
      if (value === null) return 'null'
      return Array.isArray(value) ? orderedArray(value) : orderedObject(value as Record<string, unknown>)
    default:
      throw new TypeError(`JSON has no form for a value of type ${typeof value}.`)
  }
}

const orderedArray = (values: readonly unknown[]): string => {
  let text = '['
  for (const value of values) text += (text.length > 1 ? ',' : '') + orderedText(value)
  return `${text}]`
}

/** Keys in order of their UTF-16 units, which is how `sort` orders by itself. Undefined members are left out, as JSON does. */
const orderedObject = (object: Readonly<Record<string, unknown>>): string => {
  let text = '{'
  for (const key of Object.keys(object).sort()) {
    const value = object[key]
    if (value !== undefined) text += `${text.length > 1 ? ',' : ''}${orderedText(key)}:${orderedText(value)}`
  }
  return `${text}}`
}

/** SHA-256 of a text's UTF-8 bytes, in hex. */
export const sha256Hex = (text: string): string => bytesToHex(sha256(utf8ToBytes(text)))

/** Length of a text in UTF-8 bytes. */
export const utf8Length = (text: string): number => utf8ToBytes(text).length

/** Whether a value is larger than so many bytes of canonical JSON. Counts exactly only where it is near. */
export function isLargerThan(value: unknown, bytes: number): boolean {
  // A UTF-16 unit is at most three bytes of UTF-8, and the order of keys changes no length.
  const units = JSON.stringify(value)?.length ?? 0
  return units * 3 > bytes && utf8Length(canonicalText(value)) > bytes
}
