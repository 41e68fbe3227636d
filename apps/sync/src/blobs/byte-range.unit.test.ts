import { expect, test } from 'vitest'
import { byteRange } from './byte-range.ts'

test('first and last byte, an open end, the last so many; nonsense is as if nothing were asked', () => {
  expect(byteRange('bytes=0-3', 10)).toEqual({ start: 0, end: 3 })
  expect(byteRange('bytes=4-', 10)).toEqual({ start: 4, end: 9 })
  expect(byteRange('bytes=-3', 10)).toEqual({ start: 7, end: 9 })
  expect(byteRange('bytes=-30', 10)).toEqual({ start: 0, end: 9 })
  expect(byteRange('bytes=5-100', 10)).toEqual({ start: 5, end: 9 })
  for (const past of ['bytes=10-', 'bytes=10-12', 'bytes=-0']) expect(byteRange(past, 10)).toBe('unsatisfiable')
  for (const odd of [undefined, '', 'bytes=', 'bytes=-', 'bytes=3-1', 'bytes=0-1,3-4', 'lines=1-2'])
    expect(byteRange(odd, 10)).toBeUndefined()
})
