import { expect, test } from 'vitest'
import { matchRanges } from './matches.ts'

test('words match in any order, and overlapping marks are one', () => {
  expect(matchRanges('Rate limit the webhook', 'web rate')).toEqual([
    [0, 4],
    [15, 18],
  ])
  expect(matchRanges('abcd', 'abc bcd')).toEqual([[0, 4]])
  expect(matchRanges('abc', 'x')).toBeUndefined()
  expect(matchRanges('abc', '')).toEqual([])
})
