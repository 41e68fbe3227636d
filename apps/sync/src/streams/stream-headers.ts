import type { Creation, ProducerClaim } from './byte-streams.ts'

/** A header that was understood, or what is wrong with it. */
export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string }

const ok = <T>(value: T): Parsed<T> => ({ ok: true, value })
const wrong = (problem: string): { ok: false; problem: string } => ({ ok: false, problem })

type Header = (name: string) => string | undefined

/** Only `true` counts; any other value is as if the header were not there. */
export const closes = (header: Header): boolean => header('stream-closed')?.toLowerCase() === 'true'

/** The three producer headers: all or none. */
export function producerOf(header: Header): Parsed<ProducerClaim | undefined> {
  const [id, epochText, seqText] = [header('producer-id'), header('producer-epoch'), header('producer-seq')]
  if (id === undefined && epochText === undefined && seqText === undefined) return ok(undefined)
  const [epoch, seq] = [wholeNumber(epochText), wholeNumber(seqText)]
  if (id === undefined || id === '' || id.length > 200 || epoch === undefined || seq === undefined)
    return wrong(
      'Producer-Id, Producer-Epoch and Producer-Seq come together: a name of 1 to 200 characters and two whole numbers.',
    )
  return ok({ id, epoch, seq })
}

/** How long the stream is to live: idle seconds, or a fixed end, or neither. */
export function lifeOf(header: Header): Parsed<Pick<Creation, 'ttl' | 'expires'>> {
  const [ttlText, expiresText] = [header('stream-ttl'), header('stream-expires-at')]
  if (ttlText !== undefined && expiresText !== undefined)
    return wrong('Send Stream-TTL or Stream-Expires-At, not both.')
  const ttl = wholeNumber(ttlText)
  if (ttlText !== undefined && ttl === undefined) return wrong('Stream-TTL is a whole number of seconds.')
  if (expiresText === undefined) return ok({ ttl, expires: undefined })
  const at = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/.test(expiresText)
    ? Date.parse(expiresText)
    : Number.NaN
  if (Number.isNaN(at)) return wrong('Stream-Expires-At is a time as in RFC 3339, such as 2026-01-31T12:00:00Z.')
  return ok({ ttl, expires: { at, text: expiresText } })
}

/** A media type, or nothing if the text is none. */
export const mediaType = (text: string | undefined): string | undefined =>
  text !== undefined && text.length <= 200 && /^[\w.+-]+\/[\w.+-]+\s*(;.*)?$/.test(text) ? text : undefined

/** Digits without a leading zero or sign, at most 2^53 - 1. */
export function wholeNumber(text: string | undefined): number | undefined {
  if (text === undefined || !/^(0|[1-9]\d*)$/.test(text)) return undefined
  const value = Number(text)
  return Number.isSafeInteger(value) ? value : undefined
}
