import { expect, test } from 'vitest'
import { lineOf, nearestLines, numbered } from './near-miss.ts'

const text = 'one\n  two  three\nfour five\nfive six seven\n'

test('lines are counted from 1, and shown with their numbers', () => {
  expect([0, 3, 4, text.indexOf('five six')].map((at) => lineOf(text, at))).toEqual([1, 1, 2, 4])
  expect(numbered(text, 0, 2)).toBe('1\tone\n2\t  two  three')
})

test('a miss is answered with the same lines in other white space, else the most alike, else with nothing', () => {
  expect(nearestLines(text, 'two three\nfour  five')).toContain('2\t  two  three\n3\tfour five')
  expect(nearestLines(text, 'five six eight')).toContain('4\tfive six seven')
  expect(nearestLines(text, 'nothing of this')).toContain('Nothing in it is like that')
  expect(nearestLines(text, '   ')).toContain('Nothing in it is like that')
})
