import fc from 'fast-check'
import { expect, test } from 'vitest'
import { caretAfter, changeBetween } from './text-change.ts'

const text = fc.string({ unit: fc.constantFrom('a', 'b', '😀', '😃', '語') })

test('the change makes the one text of the other, wherever the caret is, and cuts no letter in two', () => {
  fc.assert(
    fc.property(text, text, fc.nat(), (before, after, somewhere) => {
      const { at, cut, put } = changeBetween(before, after, somewhere % (after.length + 1))
      expect(before.slice(0, at) + put + before.slice(at + cut)).toBe(after)
      for (const part of [before.slice(0, at), put, before.slice(at, at + cut)]) expect(part.isWellFormed()).toBe(true)
    }),
  )
})

test('of equal letters the one before the caret is the new one', () => {
  expect(changeBetween('aaa', 'aaaa', 1)).toEqual({ at: 0, cut: 0, put: 'a' })
  expect(changeBetween('aaa', 'aaaa', 4)).toEqual({ at: 3, cut: 0, put: 'a' })
})

test('a caret stays by its letters', () => {
  const change = { at: 2, cut: 3, put: 'xyzw' }
  expect([0, 2, 4, 5, 8].map((caret) => caretAfter(caret, change))).toEqual([0, 2, 2, 6, 9])
})
