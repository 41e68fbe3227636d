import { LIVE_NUMBERS } from '@coppice/protocol'
import { expect, test } from 'vitest'
import { Numbers } from './numbers.ts'

test('the smallest free number is given; none twice; none when all are taken', () => {
  const numbers = new Numbers()
  expect([numbers.take(), numbers.take(), numbers.take(), numbers.take()]).toEqual([0, 1, 2, 3])
  for (const n of [2, 0, 3, undefined]) numbers.free(n)
  expect([numbers.take(), numbers.take(), numbers.take(), numbers.take()]).toEqual([0, 2, 3, 4])
  for (let n = 5; n < LIVE_NUMBERS; n += 1) numbers.take()
  expect(numbers.take()).toBeUndefined()
  numbers.free(77)
  expect(numbers.take()).toBe(77)
})
