import fc from 'fast-check'
import { expect, test } from 'vitest'
import { mergeTexts } from './merge-texts.ts'

const line = fc.constantFrom('a', 'b', 'c', '', '  d')
const text = fc.array(line, { maxLength: 12 }).map((lines) => lines.join('\n'))

test('what only one side changed is that side’s, and equal changes are one', () => {
  fc.assert(
    fc.property(text, text, (base, changed) => {
      expect(mergeTexts(changed, base, base)).toEqual({ text: changed, conflicts: 0 })
      expect(mergeTexts(base, base, changed)).toEqual({ text: changed, conflicts: 0 })
      expect(mergeTexts(changed, base, changed)).toEqual({ text: changed, conflicts: 0 })
    }),
  )
})

test('changes in different places are both there; in the same place both stand between markers', () => {
  const base = 'one\ntwo\nthree\nfour\nfive\n'
  const mine = 'ONE\ntwo\nthree\nfour\nfive\n'
  const theirs = 'one\ntwo\nthree\nfour\nFIVE\n'
  expect(mergeTexts(mine, base, theirs)).toEqual({ text: 'ONE\ntwo\nthree\nfour\nFIVE\n', conflicts: 0 })
  const clash = mergeTexts(mine, base, 'uno\ntwo\nthree\nfour\nfive\n')
  expect(clash.conflicts).toBe(1)
  expect(clash.text).toBe('<<<<<<< yours\nONE\n=======\nuno\n>>>>>>> in the worktree\ntwo\nthree\nfour\nfive\n')
})
