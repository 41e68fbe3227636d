import { expect, test } from 'vitest'
import { mentionOf, put, tokenAt } from './token.ts'

/** The caret stands at `|`. */
const at = (marked: string) => tokenAt(marked.replace('|', ''), marked.indexOf('|'))

test.each([
  ['@|', 'file', ''],
  ['see @src/a|', 'file', 'src/a'],
  ['see (@a|)', 'file', 'a'],
  ['@"with spa|', 'file', 'with spa'],
  ['line\n@b| and more', 'file', 'b'],
  ['/|', 'command', ''],
  ['  /com|pact', 'command', 'com'],
])('%s: %s "%s"', (marked, kind, text) => {
  expect(at(marked)).toMatchObject({ kind, text })
})

test.each(['mara@example|', 'a /path|', '@a |', '/compact now|', '@"closed"|', '|@a', 'x', '@@|'])(
  'nothing is picked in %s',
  (marked) => {
    expect(at(marked)).toBeUndefined()
  },
)

const pick = (marked: string, words: string): string => {
  const token = at(marked)
  if (!token) throw new Error(`nothing is picked in ${marked}`)
  const { text, caret } = put(marked.replace('|', ''), token, words)
  return `${text.slice(0, caret)}|${text.slice(caret)}`
}

test('what is picked takes the place of what was typed, and the caret stands after it', () => {
  expect(pick('see @s|', mentionOf('src/a.ts'))).toBe('see @src/a.ts |')
  expect(pick('see @s|rc please', mentionOf('src/a.ts'))).toBe('see @src/a.ts |please')
  expect(pick('(@s|)', mentionOf('a'))).toBe('(@a |)')
  expect(pick('/com|', '/compact')).toBe('/compact |')
})

test('a path with spaces or quotes is quoted', () => {
  expect(mentionOf('a b/c.md')).toBe('@"a b/c.md"')
  expect(mentionOf('a"b')).toBe('@"a\\"b"')
  expect(pick('@a| now', mentionOf('a b'))).toBe('@"a b" |now')
  expect(pick('@"a |b" now', mentionOf('a b'))).toBe('@"a b" |now')
})
