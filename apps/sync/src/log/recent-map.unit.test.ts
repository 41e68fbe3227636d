import { expect, test } from 'vitest'
import { RecentMap } from './recent-map.ts'

test('what is used stays, what is not goes, and it never holds more than its size', () => {
  const map = new RecentMap<number, string>(100)
  map.set(-1, 'used')
  for (let n = 0; n < 1_000; n += 1) {
    map.set(n, `value ${n}`)
    expect(map.get(-1)).toBe('used')
  }
  const held = Array.from({ length: 1_000 }, (_, n) => n).filter((n) => map.get(n) !== undefined)
  expect(held.length).toBeLessThanOrEqual(100)
  expect(held).toContain(999)
  expect(held).not.toContain(0)
})

test('the newest value counts, also over a change of generations', () => {
  const map = new RecentMap<string, number>(4)
  map.set('a', 1)
  map.set('b', 1)
  map.set('a', 2)
  expect(map.get('a')).toBe(2)
  map.clear()
  expect(map.get('a')).toBeUndefined()
})
