import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isRefusal, sessionStream, workspaceLog } from '@coppice/events'
import type { DraftEvent } from '@coppice/events'
import { Redaction } from '../agents/redaction.ts'
import { cleanObservation } from '../connection/clean-observation.ts'
import { StreamedText } from '../turns/streamed-text.ts'
import { formsOf } from './forms.ts'
import { Matcher } from './matcher.ts'

/** Any secret that is long enough to be told from ordinary text. */
const secret = fc
  .oneof(
    fc.string({ minLength: 8, maxLength: 60 }),
    fc.string({ unit: 'grapheme', minLength: 8, maxLength: 20 }),
    fc.stringMatching(/^sk-[A-Za-z0-9_-]{20,60}$/),
    fc.constant(
      '-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEF\nAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj\n-----END KEY-----',
    ),
    fc.constantFrom('aaaaaaaab', 'abababababc', '\\"quoted\\"\\n', 'tschüß-grüße-ñ', 'a b+c/d=e&f%20'),
  )
  .filter((one) => one.trim().length >= 8 && one.isWellFormed())

const encodings: readonly ((secret: string) => string)[] = [
  (one) => one,
  (one) => JSON.stringify(one),
  encodeURIComponent,
  (one) => new URLSearchParams({ key: one }).toString(),
  (one) => Buffer.from(one).toString('base64'),
  (one) => Buffer.from(`u:${one}`).toString('base64'),
  (one) => Buffer.from(`user:${one}\n`).toString('base64'),
  (one) => Buffer.from(`x${one}`).toString('base64url'),
  (one) => Buffer.from(one).toString('hex'),
]

/** What must not be readable in what leaves: the secret itself, in none of its forms. */
function leaks(text: string, one: string): boolean {
  const parts = [text, ...encodedParts(text)]
  return parts.some((part) => part.includes(one.trim()))
}

/** The text read as each encoding, wherever one could begin. */
function encodedParts(text: string): string[] {
  const base64 = text.match(/[A-Za-z0-9+/_-]{10,}/g) ?? []
  const hex = text.match(/(?:[0-9a-fA-F]{2}){8,}/g) ?? []
  return [
    ...base64.flatMap((one) => [0, 1, 2, 3].map((at) => Buffer.from(one.slice(at), 'base64').toString())),
    ...hex.flatMap((one) => [0, 1].map((at) => Buffer.from(one.slice(at), 'hex').toString())),
    text.replaceAll('+', ' ').replace(/(?:%[0-9A-Fa-f]{2})+/g, (codes) => {
      return Buffer.from(codes.replaceAll('%', ''), 'hex').toString()
    }),
  ]
}

describe('redaction', () => {
  test('[AC-8] any secret, in any encoding, cut into any pieces, at any place: it never leaves, and nothing else is lost', () => {
    fc.assert(
      fc.property(
        secret,
        fc.array(fc.tuple(fc.constantFrom(...encodings), fc.string({ maxLength: 12 })), { minLength: 1, maxLength: 4 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 20 }),
        (one, parts, sizes) => {
          const whole = parts.map(([encode, before]) => `${before} ${encode(one)}`).join(' ')
          const redaction = new Redaction([one])
          fc.pre(!leaks(parts.map(([, before]) => before).join(' '), one))
          const streamed = new StreamedText(redaction)
          for (let at = 0, n = 0; at < whole.length; n += 1) {
            const size = sizes[n % sizes.length] ?? 1
            streamed.push(whole.slice(at, at + size))
            at += size
            expect(leaks(streamed.text, one)).toBe(false)
          }
          streamed.end()
          expect(leaks(streamed.text, one)).toBe(false)
          expect(leaks(redaction.text(whole), one)).toBe(false)
        },
      ),
      { numRuns: 400 },
    )
  })

  test('[AC-8] what holds no secret leaves as it is, also where it begins like one', () => {
    fc.assert(
      fc.property(secret, fc.array(fc.string({ maxLength: 10 })), (one, pieces) => {
        const whole = pieces.join('')
        fc.pre(formsOf(one).every((form) => !whole.includes(form)))
        const streamed = new StreamedText(new Redaction([one]))
        const shown = pieces.map((piece) => streamed.push(piece)).join('')
        expect(whole.startsWith(shown)).toBe(true)
        expect(new Redaction([one]).text(whole)).toBe(whole)
      }),
    )
  })

  test('[AC-8] the greater part of a secret does not leave when a message ends in it', () => {
    const streamed = new StreamedText(new Redaction(['sk-live-0123456789']))
    expect(streamed.push('The key is sk-live-01234')).toBe('The key is ')
    streamed.end()
    expect(streamed.text).toBe('The key is [redacted]')
    const harmless = new StreamedText(new Redaction(['sk-live-0123456789']))
    harmless.push('Keys begin with sk-')
    harmless.end()
    expect(harmless.text).toBe('Keys begin with sk-')
  })

  test('[AC-8] at every depth of plain data, in names as well as in values', () => {
    const deep = fc.letrec<{ node: unknown }>((tie) => ({
      node: fc.oneof(
        { maxDepth: 6 },
        fc.constantFrom('k-0123456789', 'see k-0123456789.', 'nothing', 1, null, true),
        fc.array(tie('node'), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom('a', 'k-0123456789', 'x k-0123456789'), tie('node'), { maxKeys: 3 }),
      ),
    })).node
    fc.assert(
      fc.property(deep, (value) => {
        expect(JSON.stringify(new Redaction(['k-0123456789']).data(value))).not.toContain('k-0123456789')
      }),
    )
  })

  test('[AC-4] a secret that overlaps another, or holds it, leaves nothing of either', () => {
    const redaction = new Redaction(['abcdefgh12', '12345678', 'abcdefgh'])
    expect(redaction.text('<abcdefgh12345678>')).toBe('<[redacted]>')
    expect(redaction.text('<abcdefgh> <12345678>')).toBe('<[redacted]> <[redacted]>')
    const streamed = new StreamedText(redaction)
    for (const letter of '<abcdefgh12345678>') streamed.push(letter)
    expect(streamed.text).toBe('<[redacted]>')
  })

  test('a secret that is learned later is one from there on', () => {
    const redaction = new Redaction([])
    expect(redaction.text('tok-12345678')).toBe('tok-12345678')
    redaction.learn(['tok-12345678'])
    expect(redaction.text('tok-12345678')).toBe('[redacted]')
  })

  test('many texts are found in one pass as they would be one by one', () => {
    const letters = fc.constantFrom('a', 'b', 'c')
    const word = fc.array(letters, { minLength: 1, maxLength: 5 }).map((one) => one.join(''))
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 6 }), fc.array(letters), (forms, text) => {
        const whole = text.join('')
        const covered = new Set<number>()
        for (const form of forms)
          for (let at = whole.indexOf(form); at >= 0; at = whole.indexOf(form, at + 1))
            for (let n = 0; n < form.length; n += 1) covered.add(at + n)
        const { ranges, open } = new Matcher(forms).find(whole)
        const found = ranges.flatMap(([from, to]) => Array.from({ length: to - from }, (_, n) => from + n))
        expect(found).toEqual([...covered].toSorted((a, b) => a - b))
        const beginnings = forms.flatMap((form) => Array.from(form, (_, n) => form.slice(0, n)))
        const longest = Math.max(...beginnings.filter((one) => whole.endsWith(one)).map((one) => one.length))
        expect(open).toBe(longest)
      }),
    )
  })

  test('a secret that is a word of the protocol does not keep the end of a turn from being told', () => {
    const event = {
      id: 'e1',
      log: workspaceLog('w1'),
      stream: sessionStream('s1'),
      type: 'turn.ended',
      schemaVersion: 1,
      actor: { kind: 'runner', id: 'r1' },
      causationId: 'c',
      correlationId: 'c',
      occurredAt: 1,
      data: { turnId: 't1', messageIds: [], outcome: 'completed', durationMs: 1, message: 'It is completed, said he.' },
    } as unknown as DraftEvent
    const clean = cleanObservation(new Redaction(['completed']), event)
    if (isRefusal(clean)) throw new Error(clean.message)
    expect(clean.data).toMatchObject({ outcome: 'completed', message: 'It is [redacted], said he.' })
  })
})
