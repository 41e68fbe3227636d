import { expect, test } from 'vitest'
import { parseHunks } from '../git/hunks.ts'
import { hunkPatch } from './hunk-patch.ts'

const [hunk] = parseHunks('@@ -3,4 +3,4 @@ in it\n a\n-b\n-c\n+B\n+C\n d\n')
if (!hunk) throw new Error('there is a hunk')
const only = (...texts: string[]) => (line: { text: string }) => texts.includes(line.text) // prettier-ignore

test('a whole hunk is itself', () => {
  expect(hunkPatch(hunk, () => true, 'forward')).toBe('@@ -3,4 +3,4 @@\n a\n-b\n-c\n+B\n+C\n d\n')
})

test('to stage some lines the others are as they were; to take some back the others are as they are', () => {
  expect(hunkPatch(hunk, only('b', 'B'), 'forward')).toBe('@@ -3,4 +3,4 @@\n a\n-b\n c\n+B\n d\n')
  expect(hunkPatch(hunk, only('c', 'C'), 'back')).toBe('@@ -3,4 +3,4 @@\n a\n-c\n B\n+C\n d\n')
  expect(hunkPatch(hunk, only('C'), 'forward')).toBe('@@ -3,4 +3,5 @@\n a\n b\n c\n+C\n d\n')
})

test('nothing chosen that changes anything is no patch', () => {
  expect(hunkPatch(hunk, only('a', 'd'), 'forward')).toBeUndefined()
})

test('a file without a line end at its end keeps that', () => {
  const [last] = parseHunks('@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file\n')
  expect(last && hunkPatch(last, () => true, 'forward')).toBe(
    '@@ -1,1 +1,1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file\n',
  )
})
