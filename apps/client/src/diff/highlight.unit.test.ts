import { expect, test } from 'vitest'
import { colourLines, languageOf, pieces } from './highlight.ts'

test('each line has its own colours, also of what spans lines', async () => {
  const language = await languageOf('src/a.ts')
  if (!language) throw new Error('TypeScript is known')
  const lines = ['const a = 1', '/* one', '   two */ return "x"', '']
  const colours = colourLines(language, lines)
  const coloured = colours.map((line, n) => line.map(([from, to, name]) => [lines[n]?.slice(from, to), name]))
  expect(coloured[0]).toEqual([['const', 'syn-key'], ['1', 'syn-num']]) // prettier-ignore
  expect(coloured[1]).toEqual([['/* one', 'syn-com']])
  expect(coloured[2]?.[0]).toEqual(['   two */', 'syn-com'])
  expect(coloured[2]?.at(-1)).toEqual(['"x"', 'syn-str'])
  expect(coloured[3]).toEqual([])
})

test('marks lie over colours, and the pieces make the text', () => {
  const found = pieces('let value = 12', [[0, 3, 'syn-key'], [12, 14, 'syn-num']], [[4, 13]]) // prettier-ignore
  expect(found.map((piece) => [piece.text, piece.className, piece.marked])).toEqual([
    ['let', 'syn-key', false],
    [' ', '', false],
    ['value = ', '', true],
    ['1', 'syn-num', true],
    ['2', 'syn-num', false],
  ])
})
