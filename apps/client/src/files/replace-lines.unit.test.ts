import { expect, test } from 'vitest'
import { piecesOf, replaceLines, type Replacing } from './replace-lines.ts'

const replacing = (text: string, put: string, more: Partial<Replacing> = {}): Replacing => ({
  text,
  put,
  regex: false,
  matchCase: true,
  words: false,
  ...more,
})

test('every hit of a chosen line is replaced, the others stay, and so do line ends', () => {
  const text = 'one two one\r\none\nthree\none'
  const done = replaceLines(
    text,
    new Map([
      [1, 'one two one'],
      [4, 'one'],
    ]),
    replacing('one', 'a$1b'),
  )
  expect(done).toEqual({ text: 'a$1b two a$1b\r\none\nthree\na$1b', hits: 3, changedMeanwhile: 0 })
})

test('a line that is not as it was seen is left alone and counted, also one that is not there any more', () => {
  const chosen = new Map([
    [1, 'old one'],
    [2, 'one'],
    [9, 'one'],
  ])
  expect(replaceLines('new one\none', chosen, replacing('one', 'two'))).toEqual({
    text: 'new one\ntwo',
    hits: 1,
    changedMeanwhile: 2,
  })
})

test('groups of a regular expression stand in what is put in their place; one that is none finds nothing', () => {
  const swap = replacing('(\\w+)=(?<value>\\w+)|x(y)?', '$<value>:$1$3$$$&$7', { regex: true })
  expect(piecesOf('a=b; x', swap)).toEqual([
    { text: 'a=b', put: 'b:a$a=b$7' },
    { text: '; ' },
    { text: 'x', put: ':$x$7' },
  ])
  expect(piecesOf('anything', replacing('(', '', { regex: true }))).toEqual([{ text: 'anything' }])
})

test('case and whole words count as in the search', () => {
  const words = (line: string, more: Partial<Replacing>): string =>
    piecesOf(line, replacing('one', '1', more))
      .map((piece) => piece.put ?? piece.text)
      .join('')
  expect(words('One one ones', { matchCase: false })).toBe('1 1 1s')
  expect(words('One one ones', { words: true })).toBe('One 1 ones')
})
