import { expect, test } from 'vitest'
import { excerpt, parsePatch } from './patch.ts'

const patch = `diff --git a/route.ts b/route.ts
--- a/route.ts
+++ b/route.ts
@@ -40,4 +40,5 @@ export
   const { db } = app
   app.post(x)
-    await accept(req.params.sender, req.body)
+    await accept(req.params.sender, req.body, grant)
+    log('done')
   return 1
`

test('lines carry the numbers of both sides', () => {
  const lines = parsePatch(patch)
  expect(lines.map((line) => [line.kind, line.before, line.after])).toEqual([
    ['hunk', undefined, undefined],
    ['context', 40, 40],
    ['context', 41, 41],
    ['del', 42, undefined],
    ['add', undefined, 42],
    ['add', undefined, 43],
    ['context', 43, 44],
  ])
})

test('words that differ are marked, and only they', () => {
  const lines = parsePatch(patch)
  const add = lines[4]
  expect(add?.words.map(([from, to]) => add.text.slice(from, to))).toEqual([', grant'])
  expect(lines[3]?.words).toEqual([])
  expect(lines[5]?.words).toEqual([])
})

test('lines with nothing in common are not marked', () => {
  const lines = parsePatch('@@ -1 +1 @@\n-alpha beta gamma\n+one two three\n')
  expect(lines.flatMap((line) => line.words)).toEqual([])
})

test('an excerpt begins one line before the first change', () => {
  expect(excerpt(parsePatch(patch), 3).map((line) => line.kind)).toEqual(['context', 'del', 'add'])
})

test('a line that begins with what looks like a file header inside a hunk is a line', () => {
  const lines = parsePatch('@@ -1,2 +1,2 @@\n---- a\n+++ b\n same\n')
  expect(lines.map((line) => [line.kind, line.text])).toEqual([
    ['hunk', '@@ -1,2 +1,2 @@'],
    ['del', '--- a'],
    ['add', '++ b'],
    ['context', 'same'],
  ])
})
