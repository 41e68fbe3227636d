import { expect, test } from 'vitest'
import { safeHref } from './links.ts'

test("a link in somebody's text leads only to an allowed scheme", () => {
  for (const bad of [
    'javascript:alert(1)',
    ' JaVaScRiPt:alert(1)',
    'java\nscript:alert(1)',
    'data:text/html,<script>',
    'vbscript:x',
    'file:///etc/passwd',
    'blob:https://x',
    '/relative',
    '//host/path',
    '#hash',
    'not a url',
  ])
    expect([bad, safeHref(bad)]).toEqual([bad, undefined])
  expect(safeHref('https://example.org/a b')).toBe('https://example.org/a%20b')
  expect(safeHref('mailto:a@b.c')).toBe('mailto:a@b.c')
})
