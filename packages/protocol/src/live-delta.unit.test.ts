import fc from 'fast-check'
import { expect, test } from 'vitest'
import { deltaFrame, LIVE_NUMBERS, readDelta } from './live-delta.ts'
import type { Live } from './live.ts'
import { NumberedTexts } from './numbered-texts.ts'

test('a short delta comes back as it went, over UTF-8, and is taken for no other message', () => {
  fc.assert(
    fc.property(fc.nat(LIVE_NUMBERS - 1), fc.string({ unit: 'grapheme', minLength: 1 }), (n, text) => {
      const frame = deltaFrame(n, text)
      expect(frame).not.toMatch(/^\{/)
      expect(readDelta(Buffer.from(frame ?? '').toString())).toEqual({ n, text })
    }),
  )
  for (const n of [0, 90, 91, 1_919, LIVE_NUMBERS - 1]) expect(readDelta(deltaFrame(n, '{}') ?? '')?.n).toBe(n)
  expect(Buffer.byteLength(deltaFrame(90, 'x') ?? '')).toBe(2)
  expect(Buffer.byteLength(deltaFrame(1_919, 'x') ?? '')).toBe(3)
})

test('other messages, nothing, and numbers that are never given are no deltas', () => {
  for (const frame of ['{"t":"pong","n":1}', '', '{', '\n', '\u{1F600}x']) expect(readDelta(frame)).toBeUndefined()
})

test('half of a surrogate pair has no short form', () => {
  expect(deltaFrame(1, '\u{1F600}'.slice(0, 1))).toBeUndefined()
})

const live = (more: Partial<Live>): Live => ({ t: 'live', log: 'l', session: 's', items: [], ...more })
const text = (itemId: string, offset: number, said: string) =>
  ({ kind: 'text', itemId, channel: 'agent', turnId: 't', offset, text: said, at: 1 }) as const

test('a number means the text it was given with last, and nothing after its end or a state without it', () => {
  const texts = new NumberedTexts()
  expect(texts.read('#more')).toBeUndefined()
  texts.note(live({ items: [text('m', 0, 'once')], numbers: [['m', 3]] }))
  expect(texts.read('# upon')).toEqual(live({ items: [text('m', 4, ' upon')] }))
  expect(texts.read('# a time')).toEqual(live({ items: [text('m', 9, ' a time')] }))
  texts.note(live({ items: [{ kind: 'end', itemId: 'm' }] }))
  expect(texts.read('#!')).toBeUndefined()
  texts.note(live({ session: 'other', items: [text('o', 7, 'x')], numbers: [['o', 3]] }))
  texts.note(live({ items: [], state: true }))
  expect(texts.read('#!')).toEqual(live({ session: 'other', items: [text('o', 8, '!')] }))
  texts.note(live({ session: 'other', items: [], state: true }))
  expect(texts.read('#!')).toBeUndefined()
})
