import { expect, test } from 'vitest'
import { TokenBucket } from './token-bucket.ts'

test('a token bucket lets a burst through, then its rate, and never saves up more than the burst', () => {
  let now = 0
  const bucket = new TokenBucket(10, 3, () => now)
  expect(bucket.take(30)).toBe(true)
  expect(bucket.take()).toBe(false)
  now = 500
  expect(bucket.take(6)).toBe(false)
  expect(bucket.take(5)).toBe(true)
  now = 60_000
  expect(bucket.take(31)).toBe(false)
  expect(bucket.take(30)).toBe(true)
})
