import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cut, Joiner } from './chunks.ts'

const NOTIFY_LIMIT = 8_000

test('a text of any length and kind arrives as it was, in notifications that PostgreSQL takes', () => {
  const unit = fc.constantFrom('a', 'é', '語', '😀', '\n', ':', '.', '"')
  fc.assert(
    fc.property(fc.array(unit, { maxLength: 50 }), fc.integer({ min: 1, max: 400 }), (units, times) => {
      const text = units.join('').repeat(times)
      const joiner = new Joiner()
      const chunks = cut('p1', 7, 'servers', text)
      for (const chunk of chunks) expect(Buffer.byteLength(chunk)).toBeLessThan(NOTIFY_LIMIT)
      const taken = chunks.map((chunk) => joiner.take(chunk))
      expect(taken.pop()).toEqual({ topic: 'servers', text })
      expect(taken.every((one) => one === undefined)).toBe(true)
    }),
    { numRuns: 60 },
  )
})

test('texts of several publishers may come in between; one with a part missing is dropped, the next is whole', () => {
  const joiner = new Joiner()
  const long = 'x'.repeat(20_000)
  const [a1 = '', a2 = '', ...rest] = cut('a', 1, 't', long)
  const b = cut('b', 1, 't', 'short')[0] ?? ''
  expect(joiner.take(a1)).toBeUndefined()
  expect(joiner.take(b)).toEqual({ topic: 't', text: 'short' })
  expect(joiner.take(a2)).toBeUndefined()
  const last = rest.map((chunk) => joiner.take(chunk)).at(-1)
  expect(last).toEqual({ topic: 't', text: long })

  const [first = '', , ...lossy] = cut('a', 2, 't', long)
  for (const chunk of [first, ...lossy]) expect(joiner.take(chunk)?.text).not.toBe(long)
  const next = cut('a', 3, 't', 'next')[0] ?? ''
  expect(joiner.take(next)).toEqual({ topic: 't', text: 'next' })
})
