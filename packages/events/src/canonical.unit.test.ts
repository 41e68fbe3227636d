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

test('[EV-8] the order in which keys were given, and keys that look like numbers, change nothing', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.oneof(fc.string(), fc.nat(200).map(String)), fc.jsonValue()), (object) => {
      const inOrder = Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)))
      const backwards = Object.fromEntries(Object.entries(inOrder).toReversed())
      expect(canonicalText(backwards)).toBe(canonicalText(inOrder))
      expect(canonicalText(inOrder)).toBe(canonicalize(inOrder))
    }),
  )
  expect(canonicalText({ 1: 'a', 10: 'b', 2: 'c' })).toBe('{"1":"a","10":"b","2":"c"}')
})

test('a method that says how JSON should see an object is not asked', () => {
  expect(canonicalText({ at: new Date(0) })).toBe('{"at":{}}')
  expect(() => canonicalText({ a: 1, toJSON: () => 2 })).toThrow(TypeError)
  expect(() => canonicalText([undefined])).toThrow(TypeError)
})

test('larger than so many bytes means bytes of UTF-8 in canonical form', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.nat(60), (text, bytes) => {
      expect(isLargerThan({ text }, bytes)).toBe(utf8Length(canonicalText({ text })) > bytes)
    }),
  )
})
