import { expect, test } from 'vitest'
import { moved, stepped } from './queue.ts'

test('a queued message is dropped before another, or at the end', () => {
  expect(moved(['a', 'b', 'c'], 'c', 'a')).toEqual(['c', 'a', 'b'])
  expect(moved(['a', 'b', 'c'], 'a', undefined)).toEqual(['b', 'c', 'a'])
  expect(moved(['a', 'b', 'c'], 'a', 'a')).toEqual(['a', 'b', 'c'])
  expect(moved(['a', 'b'], 'gone', 'a')).toEqual(['a', 'b'])
})

test('the keyboard moves it by one, and not past the ends', () => {
  expect(stepped(['a', 'b', 'c'], 'b', -1)).toEqual(['b', 'a', 'c'])
  expect(stepped(['a', 'b', 'c'], 'b', 1)).toEqual(['a', 'c', 'b'])
  expect(stepped(['a', 'b'], 'a', -1)).toEqual(['a', 'b'])
})
