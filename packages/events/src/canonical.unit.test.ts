import canonicalize from 'canonicalize'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalText, isLargerThan, utf8Length } from './canonical.ts'

test('[EV-8] the text is RFC 8785: the same as an independent implementation gives, for any JSON value', () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
      fc.pre(JSON.stringify(value).isWellFormed() && !JSON.stringify(value).includes('\\ud'))
      expect(canonicalText(value)).toBe(canonicalize(value))
    }),
  )
})

test('[EV-8] any text survives a round trip, but for lone surrogates, which become U+FFFD', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(JSON.parse(canonicalText({ text }))).toEqual({ text: text.toWellFormed() })
    }),
  )
  expect(canonicalText('a\u0000\ud800')).toBe('"a\\u0000\ufffd"')
})

test('keys are ordered by UTF-16 units; undefined members are left out; what JSON has no form for is refused', () => {
  expect(canonicalText({ '\ufb33': 1, '😀': 2, b: undefined, a: [null, true] })).toBe(
    '{"a":[null,true],"😀":2,"\ufb33":1}',
  )
  expect(() => canonicalText({ n: Number.NaN })).toThrow(TypeError)
  expect(() => canonicalText(() => 1)).toThrow(TypeError)
})

test('larger than so many bytes means bytes of UTF-8 in canonical form', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.nat(60), (text, bytes) => {
      expect(isLargerThan({ text }, bytes)).toBe(utf8Length(canonicalText({ text })) > bytes)
    }),
  )
})
