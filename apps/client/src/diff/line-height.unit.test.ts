import { expect, test } from 'vitest'
import type { FileRow } from './file-rows.ts'
import { columnsOf, wrappedLines } from './line-height.ts'
import { layoutOf, rowAt } from './row-layout.ts'

test('a line wraps at the width of the page; tabs count as far as they lead', () => {
  expect(wrappedLines('', 80)).toBe(1)
  expect(wrappedLines('x'.repeat(80), 80)).toBe(1)
  expect(wrappedLines('x'.repeat(81), 80)).toBe(2)
  expect(wrappedLines(`\t${'x'.repeat(76)}`, 80)).toBe(1)
  expect(wrappedLines(`ab\t${'x'.repeat(77)}`, 80)).toBe(2)
})

test('where a width cannot be counted it is said, so that it is measured', () => {
  expect(columnsOf('plain', 80).sure).toBe(true)
  expect(columnsOf('\tplain', 80).sure).toBe(true)
  expect(columnsOf(`\t${'x'.repeat(100)}`, 80).sure).toBe(false)
  expect(columnsOf('naïve', 80).sure).toBe(false)
  expect(columnsOf('漢字', 80).cells).toBe(4)
})

test('every place of a layout is found again', () => {
  const line = (text: string, n: number): FileRow => {
    const one = { kind: 'add' as const, before: undefined, after: n, text, words: [] }
    return { kind: 'line', left: undefined, right: one, hunk: 0, at: n }
  }
  const rows = Array.from({ length: 50 }, (_, n) => line('x'.repeat(n * 7), n))
  const { tops, height } = layoutOf(rows, { split: false, columns: 60, measured: new Map() }, undefined)
  expect(tops[rows.length]).toBe(height)
  for (let n = 0; n < rows.length; n += 1) {
    expect(rowAt(tops, tops[n] ?? 0)).toBe(n)
    expect(rowAt(tops, (tops[n + 1] ?? 0) - 1)).toBe(n)
  }
  expect(rowAt(tops, -5)).toBe(0)
  expect(rowAt(tops, height + 100)).toBe(rows.length - 1)
})
