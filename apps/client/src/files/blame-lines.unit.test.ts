import { expect, test } from 'vitest'
import { blameLines } from './blame-lines.ts'

const runs = [
  { line: 3, count: 1, by: 'b' },
  { line: 1, count: 2, by: 'a' },
]

test('lines of the file have what is known of them, the end nothing, and what was typed is not saved', () => {
  const file = 'one\ntwo\nthree\n'
  expect(blameLines(file, file, runs)).toEqual(['a', 'a', 'b', 'end'])
  expect(blameLines(file, 'one\nnew\ntwo\nthree\n', runs)).toEqual(['a', undefined, 'a', 'b', 'end'])
  expect(blameLines(file, 'one\n3\n', runs)).toEqual(['a', undefined, 'end'])
})
