import fc from 'fast-check'
import { expect, test } from 'vitest'
import { applyDelta, type LiveBuffer } from './live.ts'

const empty = (): LiveBuffer => ({ itemId: 'm', channel: 'agent', turnId: 't', text: '', startedAt: 0 })

test('deltas that repeat or overlap change nothing twice, and a gap is told', () => {
  const buffer = empty()
  expect(applyDelta(buffer, 0, 'Hello')).toBe('grew')
  expect(applyDelta(buffer, 0, 'Hello')).toBe('known')
  expect(applyDelta(buffer, 3, 'lo, you')).toBe('grew')
  expect(buffer.text).toBe('Hello, you')
  expect(applyDelta(buffer, 99, 'x')).toBe('gap')
  expect(buffer.text).toBe('Hello, you')
})

test('any cut of a text, with any repeats, ends in the text', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 80 }), fc.array(fc.nat(80)), (text, cuts) => {
      const buffer = empty()
      let end = 0
      for (const cut of cuts) {
        const from = Math.min(cut, end)
        const to = Math.min(text.length, Math.max(end, from + 7))
        applyDelta(buffer, from, text.slice(from, to))
        end = Math.max(end, to)
      }
      applyDelta(buffer, Math.min(end, text.length), text.slice(end))
      expect(buffer.text).toBe(text)
    }),
    { seed: 11 },
  )
})
