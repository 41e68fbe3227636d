import type { Usage } from '@coppice/events'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { UsageMeter } from './usage-meter.ts'

const of = { provider: 'p', model: 'm' }
const price = { input: 1, output: 10, cacheRead: 0.1, cacheWrite: 2 }
type Told = { itemId: string; usage: Usage }
const meter = (told: Told[], known: typeof price | undefined = undefined): UsageMeter =>
  new UsageMeter(of, known, 'asked', (itemId, usage) => told.push({ itemId, usage }))

test('[M-15, C-1] what an agent reports between two rows goes to the first of them that is there, and the parts add up to the whole', () => {
  const told: Told[] = []
  const one = meter(told)
  one.reported({ inputTokens: 100, outputTokens: 5, usd: 0.1, contextUsed: 105, contextLimit: 1_000 })
  one.at('message-1')
  one.at('tool-1')
  one.reported({ inputTokens: 300, outputTokens: 15, usd: 0.3, contextUsed: 200, contextLimit: 1_000 })
  one.at('tool-2')
  one.answered({ inputTokens: 350, outputTokens: 20 })
  const whole = one.end({ asked: 0, answered: 0 })
  expect(told.map(({ itemId, usage }) => [itemId, usage.inputTokens, usage.outputTokens, usage.contextUsed])).toEqual([
    ['message-1', 100, 5, 105],
    ['tool-2', 200, 10, 200],
    ['tool-2', 50, 5, 200],
  ])
  expect(whole).toEqual({
    ...of,
    inputTokens: 350,
    outputTokens: 20,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    usd: 0.3,
    source: 'reported',
    contextUsed: 200,
    contextLimit: 1_000,
  })
})

test('[M-15] several prompts in one turn are summed, also one that failed', () => {
  const told: Told[] = []
  const one = meter(told)
  one.reported({ inputTokens: 10, outputTokens: 1, usd: 1 })
  one.answered({})
  one.reported({ inputTokens: 20, outputTokens: 2, usd: 2 })
  one.answered({ inputTokens: 25 })
  expect(one.taken).toEqual({ usd: 3, tokens: 10 + 1 + 25 + 2 })
  expect(one.end({ asked: 0, answered: 0 })).toMatchObject({ inputTokens: 35, outputTokens: 3, usd: 3 })
  expect(told).toMatchObject([{ itemId: 'asked', usage: { inputTokens: 35 } }])
})

test('[C-1, M-15] tokens without money cost what the table says, and that is marked; nothing reported is estimated, and marked', () => {
  const told: Told[] = []
  const priced = meter(told, price)
  priced.answered({ inputTokens: 1_000_000, outputTokens: 100_000, cacheReadTokens: 1_000_000 })
  expect(priced.end({ asked: 9, answered: 9 })).toMatchObject({ usd: 2.1, priced: true, source: 'reported' })
  const silent = meter(told, price)
  const estimate = silent.end({ asked: 4_000, answered: 400 })
  expect(estimate).toMatchObject({ inputTokens: 1_000, outputTokens: 100, source: 'estimated', priced: true })
  expect(estimate.usd).toBeCloseTo(0.002)
  const unpriced = meter(told)
  expect(unpriced.end({ asked: 4_000, answered: 0 })).toMatchObject({ usd: 0, source: 'estimated' })
})

test('[M-15] however reports and rows come, no token is counted twice or lost', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('report' as const), more: fc.nat(500), out: fc.nat(50) }),
    fc.record({ kind: fc.constant('row' as const) }),
    fc.record({ kind: fc.constant('answered' as const) }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const told: Told[] = []
      const one = meter(told, price)
      let [now, before] = [
        { inputTokens: 0, outputTokens: 0 },
        { inputTokens: 0, outputTokens: 0 },
      ]
      for (const [at, step] of steps.entries()) {
        if (step.kind === 'report') {
          now = { inputTokens: now.inputTokens + step.more, outputTokens: now.outputTokens + step.out }
          one.reported(now)
        } else if (step.kind === 'row') one.at(`row-${at}`)
        else {
          one.answered(now)
          before = {
            inputTokens: before.inputTokens + now.inputTokens,
            outputTokens: before.outputTokens + now.outputTokens,
          }
          now = { inputTokens: 0, outputTokens: 0 }
        }
      }
      one.answered(now)
      const wanted = before.inputTokens + now.inputTokens
      const whole = one.end({ asked: 0, answered: 0 })
      const sum = (pick: (usage: Usage) => number): number => told.reduce((all, { usage }) => all + pick(usage), 0)
      expect(whole.inputTokens).toBe(wanted)
      expect(sum((usage) => usage.inputTokens)).toBe(wanted)
      expect(sum((usage) => usage.outputTokens)).toBe(before.outputTokens + now.outputTokens)
      expect(sum((usage) => usage.usd)).toBeCloseTo(whole.usd)
    }),
  )
})
