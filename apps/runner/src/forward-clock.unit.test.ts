import { expect, test } from 'vitest'
import { forwardClock } from './forward-clock.ts'

test('[RL-4] the clock a runner measures with never goes back', () => {
  const times = [100, 250, 40, 41, 300]
  const now = forwardClock(() => times.shift() ?? 0)
  expect([now(), now(), now(), now(), now()]).toEqual([100, 250, 250, 250, 300])
})
