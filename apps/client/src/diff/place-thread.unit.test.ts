import { expect, test } from 'vitest'
import { parseHunks } from '../git/hunks.ts'
import { fileRows, type FileRow } from './file-rows.ts'
import { placeOf, placeThread } from './place-thread.ts'

const rowsOf = (lines: readonly string[]): FileRow[] =>
  fileRows(
    parseHunks(`@@ -0,0 +1,${lines.length} @@\n${lines.map((line) => `+${line}`).join('\n')}\n`),
    { lines: new Map(), total: 0 },
    false,
    false,
  )

const textAt = (rows: readonly FileRow[], at: number | undefined): string | undefined => {
  const row = at === undefined ? undefined : rows[at]
  return row?.kind === 'line' ? `${row.right?.after} ${row.right?.text}` : undefined
}

const before = ['one {', '  a()', '}', 'two {', '  a()', '}']
const commentOn = (first: number, last: number) => {
  const place = placeOf('x.ts', 'after', rowsOf(before), first, last)
  if (!place) throw new Error('there are such lines')
  return place
}

test('[BE-7] a comment stays with its line when lines above come and go', () => {
  const place = commentOn(4, 4)
  expect(place).toMatchObject({ line: 5, endLine: 5, quote: ['  a()'], above: ['  a()', '}', 'two {'], below: ['}'] })
  const shifted = rowsOf(['// new', '// lines', ...before])
  expect(textAt(shifted, placeThread(place, shifted))).toBe('7   a()')
  const shorter = rowsOf(before.slice(3))
  expect(textAt(shorter, placeThread(place, shorter))).toBe('2   a()')
})

test('of lines with the same text the one with the same neighbours is meant, not the nearest', () => {
  const place = commentOn(1, 1)
  const swapped = rowsOf(['two {', '  a()', '}', 'one {', '  a()', '}'])
  expect(textAt(swapped, placeThread(place, swapped))).toBe('5   a()')
})

test('a comment whose line is gone has no place, also where a stranger has the same text', () => {
  const place = commentOn(2, 2)
  const gone = rowsOf(['something', 'else'])
  expect(placeThread(place, gone)).toBeUndefined()
  const stranger = rowsOf(['x', 'y', 'z', 'w', 'v', '}', 'u'])
  expect(placeThread(place, stranger)).toBeUndefined()
})

test('a comment on several lines stands below the last of them', () => {
  const place = commentOn(3, 5)
  expect(place).toMatchObject({ line: 4, endLine: 6, quote: ['two {', '  a()', '}'] })
  const shifted = rowsOf(['// new', ...before])
  expect(textAt(shifted, placeThread(place, shifted))).toBe('7 }')
})
