import { expect, test } from 'vitest'
import { foldReplaced } from './replaced.ts'
import type { Row } from './units.ts'

const row = (seq: number, kind: Row['kind'] = 'user'): Row => ({
  itemId: `i${seq}`,
  kind,
  seq,
  turnId: 't',
  parentId: '',
  status: 'done',
  family: '',
  textLength: 1,
  lineCount: 1,
  revision: 1,
})
const ids = (rows: readonly Row[]): string[] => rows.map(({ itemId }) => itemId)
const rows = [row(1), row(2, 'agent'), row(3), row(4, 'tool'), row(5, 'agent'), row(8), row(9, 'agent')]

test('[M-2] a replaced part is one line with the number of its messages, where it was; opened it shows its rows', () => {
  const replaced = [{ from: 3, to: 7 }]
  const shut = foldReplaced(rows, replaced, () => false)
  expect(ids(shut)).toEqual(['i1', 'i2', 'replaced-3', 'i8', 'i9'])
  expect(shut[2]).toMatchObject({ kind: 'replaced', lineCount: 2, turnId: '' })
  expect(ids(foldReplaced(rows, replaced, () => true))).toEqual([
    'i1',
    'i2',
    'replaced-3',
    'i3',
    'i4',
    'i5',
    'i8',
    'i9',
  ])
  expect(shut.map(({ seq }) => seq).toSorted((a, b) => a - b)).toEqual(shut.map(({ seq }) => seq))
})

test('several parts have a line each, and without any all rows stay', () => {
  expect(
    ids(
      foldReplaced(
        rows,
        [
          { from: 2, to: 3 },
          { from: 8, to: 10 },
        ],
        () => false,
      ),
    ),
  ).toEqual(['i1', 'replaced-2', 'i3', 'i4', 'i5', 'replaced-8'])
  expect(foldReplaced(rows, [], () => false)).toEqual(rows)
})
