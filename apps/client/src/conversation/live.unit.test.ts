import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import type { Live } from '@coppice/protocol'
import { applyDelta, LiveTexts, type LiveBuffer } from './live.ts'

const empty = (): LiveBuffer => ({ itemId: 'm', channel: 'agent', turnId: 't', from: 0, text: '', startedAt: 0 })

test('deltas that repeat or overlap change nothing twice, and a gap is told', () => {
  const buffer = empty()
  expect(applyDelta(buffer, 0, 'Hello')).toBe('grew')
  expect(applyDelta(buffer, 0, 'Hello')).toBe('known')
  expect(applyDelta(buffer, 3, 'lo, you')).toBe('grew')
  expect(buffer.text).toBe('Hello, you')
  expect(applyDelta(buffer, 99, 'x')).toBe('gap')
  expect(buffer.text).toBe('Hello, you')
})

test('any cut of a text, with any repeats, ends in the text', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 80 }), fc.array(fc.nat(80)), (text, cuts) => {
      const buffer = empty()
      let end = 0
      for (const cut of cuts) {
        const from = Math.min(cut, end)
        const to = Math.min(text.length, Math.max(end, from + 7))
        applyDelta(buffer, from, text.slice(from, to))
        end = Math.max(end, to)
      }
      applyDelta(buffer, Math.min(end, text.length), text.slice(end))
      expect(buffer.text).toBe(text)
    }),
    { seed: 11 },
  )
})

const delta = (offset: number, text: string, state = false): Live => ({
  t: 'live',
  log: 'workspace:w',
  session: 's',
  items: [{ kind: 'text', itemId: 'm', channel: 'output', turnId: 't', offset, text, at: 1 }],
  ...(state && { state }),
})

test('after a gap the state is asked for once; it may begin later than the text did, and what follows goes on from it', () => {
  vi.stubGlobal('requestAnimationFrame', () => 1)
  let asked = 0
  const live = new LiveTexts({ appeared: () => undefined, gap: () => (asked += 1) })
  live.take(delta(0, 'Hello'))
  live.take(delta(90, 'a'))
  live.take(delta(91, 'b'))
  expect(asked).toBe(1)
  expect(live.get('m')?.text).toBe('Hello')
  // Of a very long text the server keeps the end only.
  live.take(delta(50, 'x'.repeat(42), true))
  live.take(delta(92, ' and on'))
  expect(live.get('m')).toMatchObject({ from: 50, text: `${'x'.repeat(42)} and on` })
  live.take(delta(200, 'later'))
  expect(asked).toBe(2)
  live.take(delta(50, `${'x'.repeat(42)} and on`, true))
  expect(live.get('m')?.text).toBe(`${'x'.repeat(42)} and on`)
  vi.unstubAllGlobals()
})

test('who comes late to a text whose beginning is gone sees its end, and nobody is asked again', () => {
  vi.stubGlobal('requestAnimationFrame', () => 1)
  let asked = 0
  const live = new LiveTexts({ appeared: () => undefined, gap: () => (asked += 1) })
  live.take(delta(1_000, 'the end', true))
  live.take(delta(1_007, ' of it'))
  expect(live.get('m')).toMatchObject({ from: 1_000, text: 'the end of it' })
  expect(asked).toBe(0)
  vi.unstubAllGlobals()
})
