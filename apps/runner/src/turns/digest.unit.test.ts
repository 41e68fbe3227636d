import type { ObservationData } from '@coppice/events'
import { expect, test } from 'vitest'
import { Digest } from './digest.ts'

function noteStep(digest: Digest, more: Partial<ObservationData<'tool.finished'>>): void {
  const step = { toolId: 't', turnId: 't1', outcome: 'done' as const, durationMs: 1, output: '', omittedChars: 0 }
  digest.note('tool.finished', { ...step, ...more })
}
const change = (path: string, additions: number, deletions: number) => ({
  path,
  additions,
  deletions,
  patch: '',
  cut: false,
})

test('[M-10] a digest counts steps, sums the files that changed, names what failed, and ends with the last words', () => {
  const digest = new Digest()
  for (let n = 0; n < 3; n += 1) noteStep(digest, { family: 'read', target: 'a.ts' })
  noteStep(digest, { family: 'edit', target: 'a.ts', changes: [change('a.ts', 3, 1)] })
  noteStep(digest, { family: 'edit', target: 'a.ts', changes: [change('a.ts', 2, 0), change('b.ts', 1, 1)] })
  noteStep(digest, { family: 'run', target: 'pnpm test', exitCode: 1, outcome: 'failed' })
  digest.note('message.added', { kind: 'agent', text: 'Done.\nAll of it.' })
  expect(digest.steps).toBe(6)
  expect(digest.words('This turn')).toBe(
    'This turn took 6 steps: 3 files read, 2 edits, 1 command.\n\nChanged:\n\n- `a.ts` +5 −1\n- `b.ts` +1 −1\n\nFailed:\n\n- `pnpm test` (exit 1)\n\nThe last words:\n\n> Done.\n> All of it.',
  )
})

test('a long digest is cut, and says how much is left out; an empty one is a sentence', () => {
  const digest = new Digest()
  for (let n = 0; n < 25; n += 1)
    noteStep(digest, { family: 'write', target: `f${n}`, changes: [change(`f${n}`, 1, 0)] })
  expect(digest.words('This turn')).toContain('- and 5 more')
  expect(new Digest().words('This session')).toBe('This session took 0 steps.')
})
