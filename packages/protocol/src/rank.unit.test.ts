import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fit, ranked } from './rank.ts'

const paths = [
  'docs/model.md',
  'src/composer/composer.tsx',
  'src/composer/queue.ts',
  'src/frame/media.ts',
  'src/mentions/mention-token.ts',
  'README.md',
]
const found = (query: string): readonly string[] => ranked(paths, query, (one) => one, 3)

test('names come before folders, and whole names first of all', () => {
  expect(found('readme')[0]).toBe('README.md')
  expect(found('composer')[0]).toBe('src/composer/composer.tsx')
  expect(found('queue.ts')[0]).toBe('src/composer/queue.ts')
  expect(found('composer/q')).toEqual(['src/composer/queue.ts'])
})

test('the letters of the begins of words find a file, in any case', () => {
  expect(found('mtt')[0]).toBe('src/mentions/mention-token.ts')
  expect(found('SCQ')[0]).toBe('src/composer/queue.ts')
  expect(found('zzz')).toEqual([])
})

test('with nothing typed the order is kept; there are never more than asked for', () => {
  expect(found('')).toEqual(paths.slice(0, 3))
  expect(ranked(paths, 'e', (one) => one, 2)).toHaveLength(2)
})

test('a text fits exactly when it has the letters in this order', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '/', '.'), maxLength: 12 })
  fc.assert(
    fc.property(letters, letters, (text, query) => {
      let rest = text
      const there = [...query].every((letter) => {
        const at = rest.indexOf(letter)
        rest = rest.slice(at + 1)
        return at >= 0
      })
      expect(fit(text, query) !== undefined).toBe(there)
    }),
  )
})
