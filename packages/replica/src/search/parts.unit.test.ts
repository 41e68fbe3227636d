import fc from 'fast-check'
import { expect, test } from 'vitest'
import { blocksFor, blocksOf, linesIn, linesOf } from './blocks.ts'
import { newestFirst } from './documents.ts'
import { textsThatFit } from './lookup.ts'
import { mergedParts, partOf, spotsIn, textsIn, wordOf, type IndexPart } from './part.ts'
import { matches, parseQuery, type SearchQuery } from './query.ts'
import { rangeToMerge } from './tiers.ts'
import { sumsOf, vlq } from './vlq.ts'
import { wordsIn, wordsOf } from './words.ts'

/** Few words, so that they meet; some begin like others, some are more than letters. */
const word = fc.constantFrom(
  'rate',
  'Rate',
  'rates',
  'limit',
  'été',
  '東京',
  'a',
  'b',
  "o'hara",
  'x\u0000y',
  '🎉',
  '𐌰𐌱',
  'ｆｕｌｌ',
)
const text = fc.array(word, { maxLength: 12 }).map((words) => words.join(' '))
const texts = (most: number) =>
  fc.uniqueArray(fc.record({ key: fc.nat(20).map(String), at: fc.nat(4), text }), {
    maxLength: most,
    selector: ({ key }) => key,
  })
const typed = fc
  .array(
    fc.oneof(
      word,
      fc.array(word, { minLength: 2, maxLength: 3 }).map((words) => `"${words.join(' ')}"`),
      word.map((one) => `-${one}`),
      word.map((one) => `${one.slice(0, 2)}*`),
    ),
    { minLength: 1, maxLength: 3 },
  )
  .map((parts) => parts.join(' '))

/** Keys that fit, looked up in a part as it is stored. */
function found(part: IndexPart, query: SearchQuery): readonly string[] {
  const blocks = blocksOf(part.lines)
  const firsts = blocks.map(({ first }) => first)
  const linesFor = linesIn(blocksFor(query, firsts).map((n) => blocks[n]?.body ?? ''))
  return textsThatFit(query, linesFor).map((number) => part.texts[number]?.key ?? '')
}

test('numbers come back from their text, also the largest', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 2 ** 31 - 1 }), { maxLength: 20 }), (numbers) => {
      let sum = 0
      const sums = numbers.map((number) => (sum += number))
      expect(sumsOf(numbers.map(vlq).join(''), 0)).toEqual(sums)
    }),
  )
})

test('words without places are the words with places', () => {
  fc.assert(
    fc.property(fc.oneof(text, fc.string(), fc.string({ unit: 'binary' })), (any) => {
      expect(wordsIn(any)).toEqual(wordsOf(any).map((one) => one.word))
    }),
  )
  expect(wordsIn('x'.repeat(100))).toEqual(['x'.repeat(64)])
})

test('a line knows each place of its word', () => {
  const part = partOf([
    { key: 'old', at: 1, text: 'to be or not to be' },
    { key: 'new', at: 2, text: 'be' },
  ])
  expect(part.texts.map(({ key }) => key)).toEqual(['new', 'old'])
  expect(part.lines.map(wordOf)).toEqual(['be', 'not', 'or', 'to'])
  const [be = ''] = part.lines
  expect(textsIn(be)).toEqual([0, 1])
  expect(spotsIn(be).map((spot) => spot % 1_000)).toEqual([1, 218, 222])
})

test('[LF-2] a part finds what reading its texts finds, in their order', () => {
  fc.assert(
    fc.property(texts(20), typed, (all, what) => {
      const query = parseQuery(what)
      fc.pre(query.length > 0)
      const expected = all.filter((one) => matches(query, one.text)).toSorted(newestFirst)
      expect(found(partOf(all), query)).toEqual(expected.map(({ key }) => key))
    }),
    { numRuns: 500 },
  )
})

test('[LF-2] parts merge to the part of their texts as they were written last, in whatever order parts side by side are merged', () => {
  fc.assert(
    fc.property(fc.array(texts(6), { minLength: 2, maxLength: 5 }), fc.nat(), (written, pick) => {
      const newest = new Map(written.flat().map((one) => [one.key, one]))
      const parts = written.map(partOf)
      const at = pick % (parts.length - 1)
      parts.splice(at, 2, mergedParts(parts.slice(at, at + 2)))
      expect(mergedParts(parts)).toEqual(partOf([...newest.values()]))
    }),
    { numRuns: 300 },
  )
})

test('blocks hold all lines, and a query asks for those that can answer it', () => {
  const lines = partOf(
    Array.from({ length: 500 }, (_, n) => ({
      key: `${n}`,
      at: n,
      text: `word${n} wordy ${'abc'.repeat(n % 20)} x${n * n}`,
    })),
  ).lines
  const blocks = blocksOf(lines)
  expect(blocks.length).toBeGreaterThan(2)
  expect(blocks.flatMap(({ body }) => linesOf(body))).toEqual(lines)
  expect(blocks.map(({ first }) => first)).toEqual(blocks.map(({ body }) => wordOf(body)))
  const firsts = blocks.map(({ first }) => first)
  expect(blocksFor(parseQuery('word77 '), firsts)).toHaveLength(1)
  const linesFor = linesIn(blocksFor(parseQuery('word'), firsts).map((n) => blocks[n]?.body ?? ''))
  expect(linesFor('word', true)).toHaveLength(501)
})

test('however parts come, few stay small, none is merged into one that is too large, and most texts are written a few times only', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.constant(1), fc.nat(3_000)), { maxLength: 400 }), (batches) => {
      const sizes: number[] = []
      for (const batch of batches) {
        sizes.push(batch)
        for (;;) {
          const range = rangeToMerge(sizes)
          if (!range) break
          const [from, to] = range
          expect(to - from).toBeGreaterThanOrEqual(2)
          const merged = sizes.slice(from, to).reduce((sum, size) => sum + size, 0)
          expect(merged).toBeLessThanOrEqual(1_024)
          sizes.splice(from, to - from, merged)
        }
        expect(sizes.filter((size) => size < 512).length).toBeLessThan(64)
      }
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(batches.reduce((sum, size) => sum + size, 0))
    }),
  )
  const sizes: number[] = []
  let written = 0
  for (let n = 0; n < 20_000; n += 1) {
    sizes.push(1)
    for (let range = rangeToMerge(sizes); range; range = rangeToMerge(sizes)) {
      const merged = sizes.slice(...range).reduce((sum, size) => sum + size, 0)
      written += merged
      sizes.splice(range[0], range[1] - range[0], merged)
    }
  }
  expect(written / 20_000).toBeLessThan(6)
})
