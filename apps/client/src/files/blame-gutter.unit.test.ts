import { EditorState } from '@codemirror/state'
import { expect, test } from 'vitest'
import { movedLines } from './blame-gutter.ts'

function after(text: string, change: { from: number; to?: number; insert?: string }): (string | undefined)[] {
  const state = EditorState.create({ doc: text })
  const { changes, newDoc } = state.update({ changes: change })
  return [...movedLines(['a', 'b', 'c'], changes, state.doc, newDoc)]
}

test('lines keep who wrote them when others come and go; what is typed is nobody’s yet', () => {
  expect(after('one\ntwo\nthree', { from: 0, insert: 'zero\n' })).toEqual([undefined, 'a', 'b', 'c'])
  expect(after('one\ntwo\nthree', { from: 3, insert: '\nnew' })).toEqual(['a', undefined, 'b', 'c'])
  expect(after('one\ntwo\nthree', { from: 5, insert: 'x' })).toEqual(['a', undefined, 'c'])
  expect(after('one\ntwo\nthree', { from: 4, to: 8 })).toEqual(['a', 'c'])
  expect(after('one\ntwo\nthree', { from: 0, to: 13 })).toEqual([undefined])
  expect(after('one\ntwo\nthree', { from: 13, insert: '\nfour\nfive' })).toEqual(['a', 'b', 'c', undefined, undefined])
})
