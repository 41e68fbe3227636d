import fc from 'fast-check'
import { expect, test } from 'vitest'
import { endOfMessage, toArray, toLines } from './json-messages.ts'

const bytes = (text: string | undefined): Uint8Array => Buffer.from(text ?? '')

test('an array is its elements, anything else is itself; what comes back is the same JSON', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(undefined, 2, '\r\n'), (value, space) => {
      const lines = bytes(toLines(JSON.stringify(value, undefined, space)))
      const messages: unknown = Array.isArray(value) ? value : [value]
      expect(JSON.parse(Buffer.from(toArray(lines)).toString())).toEqual(JSON.parse(JSON.stringify(messages)))
    }),
  )
})

test('numbers keep the digits they came with', () => {
  expect(toLines('[1.0, 12345678901234567890, {"a":[1,2],"b":"],[\\""}]')).toBe(
    '1.0\n12345678901234567890\n{"a":[1,2],"b":"],[\\""}\n',
  )
  expect(toLines('[]')).toBe('')
  expect(toLines('{"a":')).toBeUndefined()
})

test('the end of the n-th message', () => {
  const lines = bytes('1\n22\n333\n')
  expect([0, 1, 2, 3, 4].map((n) => endOfMessage(lines, n))).toEqual([0, 2, 5, 9, undefined])
  expect(Buffer.from(toArray(new Uint8Array())).toString()).toBe('[]')
})
