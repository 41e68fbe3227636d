import { expect, test } from 'vitest'
import { parseHunks } from '../git/hunks.ts'
import { fileRows, type Around, type FileRow } from './file-rows.ts'

const patch = `@@ -10,4 +10,5 @@ function one
 a
-b
-c
+B
+C
+D
 e
@@ -40,2 +41,1 @@ function two
-x
 y
`
const hunks = parseHunks(patch)
const nothing: Around = { lines: new Map(), total: undefined }

const shown = (rows: readonly FileRow[]): string[] =>
  rows.map((row) => {
    if (row.kind === 'fold') return `fold ${row.gap?.after ?? '-'} ${row.gap?.count ?? '?'} ${row.title}`.trim()
    if (row.kind !== 'line') return row.kind
    const side = (line: typeof row.left, n: number | undefined) => (line ? `${n}${line.text}` : '')
    return `${side(row.left, row.left?.before)}|${side(row.right, row.right?.after)}`
  })

test('side by side, removed lines stand beside what took their place', () => {
  expect(shown(fileRows(hunks, nothing, true, false))).toEqual([
    'fold 1 9 function one',
    '10a|10a',
    '11b|11B',
    '12c|12C',
    '|13D',
    '13e|14e',
    'fold 15 26 function two',
    '40x|',
    '41y|41y',
    'fold 42 ?',
  ])
})

test('in one column every line has a row, and rows know their place in the hunk', () => {
  const rows = fileRows(hunks, nothing, false, false)
  expect(shown(rows).slice(1, 7)).toEqual(['10a|10a', '11b|', '12c|', '|11B', '|12C', '|13D'])
  expect(rows.flatMap((row) => (row.kind === 'line' && row.hunk === 0 ? [row.at] : []))).toEqual([0, 1, 2, 3, 4, 5, 6])
})

test('fetched lines take the place of a fold from either end; the rest stays folded, with numbers of both sides', () => {
  const around: Around = { lines: new Map([[15, 'l15'], [40, 'l40'], [42, 'l42']]), total: 43 } // prettier-ignore
  expect(shown(fileRows(hunks, around, true, false)).slice(6)).toEqual([
    '14l15|15l15',
    'fold 16 24',
    '39l40|40l40',
    '40x|',
    '41y|41y',
    '42l42|42l42',
    'fold 43 1',
  ])
})

test('a file without a gap before its first hunk begins with the hunk; with heads there is one to act on', () => {
  const first = parseHunks('@@ -0,0 +1,2 @@\n+a\n+b\n')
  const whole: Around = { lines: new Map(), total: 0 }
  expect(shown(fileRows(first, whole, false, false))).toEqual(['|1a', '|2b'])
  expect(shown(fileRows(first, whole, false, true))[0]).toBe('fold - ?')
})
