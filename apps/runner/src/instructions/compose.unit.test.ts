import { toggleIds, type Toggle } from '@coppice/events'
import { expect, test } from 'vitest'
import { withInstructions } from './before-prompt.ts'
import { composeInstructions } from './compose.ts'
import { paragraphs } from './paragraphs.ts'

const composed = (toggles: readonly Toggle[], provider = 'claude-code'): string =>
  composeInstructions({ provider, toggles })

test('[T-1] [T-2] [T-3] [T-4] [T-5] [T-6] [T-7] [T-8] each toggle is one fixed paragraph, in a fixed order', () => {
  const all = composed(toggleIds.toReversed())
  expect(all.split('\n\n').slice(2)).toEqual(toggleIds.map((one) => paragraphs[one]))
  for (const toggle of toggleIds) {
    expect(paragraphs[toggle]).not.toContain('\n')
    expect(composed([toggle])).toContain(paragraphs[toggle])
    expect(composed(toggleIds.filter((one) => one !== toggle))).not.toContain(paragraphs[toggle])
  }
})

test('[T-11] without Code Review and without Verification nothing of either is asked', () => {
  const text = composed(['architecture', 'ux', 'edge_cases', 'tests', 'docs'])
  expect(text).not.toMatch(/^Review\.|^Verification\./m)
})

test('no toggle, or a script, makes no text', () => {
  expect(composed([])).toBe('')
  expect(composed(['docs'], 'script')).toBe('')
})

test('what is new goes before the message, what counts no more is said, what is known is not repeated', () => {
  const way = 'first_prompt' as const
  expect(withInstructions({ text: 'Rules.', way, known: false }, 'Hello.')).toBe('Rules.\n\n# The message\n\nHello.')
  expect(withInstructions({ text: 'Rules.', way, known: true }, 'Hello.')).toBe('Hello.')
  expect(withInstructions({ text: '', way, known: false }, 'Hello.')).toMatch(/no longer count[^]*Hello\.$/)
})
