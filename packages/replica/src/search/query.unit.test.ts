import { expect, test } from 'vitest'
import { marksOf, matches, parseQuery } from './query.ts'
import { snippetOf } from './snippet.ts'
import { wordsOf } from './words.ts'

const words = (text: string): string[] => wordsOf(text).map(({ word }) => word)

test('words are runs of letters and digits, without case and accents; paths and names fall into their parts', () => {
  expect(words('Fix src/hooks/route.ts: take_token()')).toEqual(['fix', 'src', 'hooks', 'route', 'ts', 'take', 'token'])
  expect(words('Übergröße café CAFÉ ｆｕｌｌ')).toEqual(['ubergroße', 'cafe', 'cafe', 'full'])
  expect(words('東京 tower')).toEqual(['東', '京', 'tower'])
  expect(words(`x${'\u{10330}'.repeat(60)}`)).toEqual([`x${'\u{10330}'.repeat(31)}`])
  expect(words('🎉 — \u0000 … \ud800')).toEqual([])
})

test('a word knows where it stands in the text as it was written', () => {
  const text = 'an Ünïque word'
  expect(wordsOf(text).map(({ start, end }) => text.slice(start, end))).toEqual(['an', 'Ünïque', 'word'])
})

test('a query has words, phrases, beginnings and what must not be there', () => {
  expect(parseQuery('alpha "beta gamma" del* -eps zeta ')).toEqual([
    { words: ['alpha'], prefix: false, without: false },
    { words: ['beta', 'gamma'], prefix: false, without: false },
    { words: ['del'], prefix: true, without: false },
    { words: ['eps'], prefix: false, without: true },
    { words: ['zeta'], prefix: false, without: false },
  ])
  expect(parseQuery('src/hooks ')).toEqual([{ words: ['src', 'hooks'], prefix: false, without: false }])
})

test('the word that is being typed may go on, also inside an open quotation', () => {
  expect(parseQuery('rate lim')).toMatchObject([{ prefix: false }, { words: ['lim'], prefix: true }])
  expect(parseQuery('"rate lim')).toMatchObject([{ words: ['rate', 'lim'], prefix: true }])
  expect(parseQuery('"rate lim"')).toMatchObject([{ prefix: false }])
  expect(parseQuery('rate,')).toMatchObject([{ prefix: false }])
})

test('a query of nothing, of signs, or only of exclusions looks for nothing', () => {
  for (const text of ['', '   ', '* "" -', '-word']) expect(parseQuery(text)).toEqual([])
  expect(matches(parseQuery(''), 'anything')).toBe(false)
})

test('all phrases must fit, in any order; words of a phrase side by side', () => {
  const fits = (query: string): boolean => matches(parseQuery(query), 'Limit the rate of webhook senders')
  expect(fits('senders limit ')).toBe(true)
  expect(fits('"rate of webhook"')).toBe(true)
  expect(fits('"rate webhook"')).toBe(false)
  expect(fits('webh')).toBe(true)
  expect(fits('webh senders')).toBe(false)
  expect(fits('limit -rate')).toBe(false)
})

test('marks cover what fits and nothing else', () => {
  const text = 'Rate limits: the rate limiter rates.'
  const marked = marksOf(parseQuery('"rate limit'), text).map(([start, end]) => text.slice(start, end))
  expect(marked).toEqual(['Rate', 'limits', 'rate', 'limiter'])
})

test('a snippet shows the first place that fits, on one line, and says where it was cut', () => {
  const text = `${'before '.repeat(40)}the needle\nin ${'after '.repeat(60)}`
  const parts = snippetOf(parseQuery('needle '), text)
  expect(parts.filter((part) => part.marked).map((part) => part.text)).toEqual(['needle'])
  const whole = parts.map((part) => part.text).join('')
  expect(whole).toContain('the needle in after')
  expect(whole.startsWith('…before')).toBe(true)
  expect(whole.endsWith('…')).toBe(true)
  expect(whole.length).toBeLessThan(260)
  expect(snippetOf(parseQuery('short '), 'short')).toEqual([{ text: 'short', marked: true }])
})
