import { expect, test } from 'vitest'
import { LIMITS } from '../limits.ts'
import { SilentRunners } from './silent-runners.ts'

function runners() {
  const clock = { now: 0 }
  return { clock, silent: new SilentRunners(() => clock.now) }
}

test('[BE-8] a lease runs out after its whole length of silence, on a server that has just started too', () => {
  const { clock, silent } = runners()
  expect(silent.left('r1')).toBe(LIMITS.leaseMs)
  clock.now += LIMITS.leaseMs - 1
  expect(silent.left('r1')).toBe(1)
  silent.heard('r1')
  clock.now += LIMITS.leaseMs - 1
  expect(silent.left('r1')).toBe(1)
  clock.now += 1
  expect(silent.left('r1')).toBe(0)
})

test('[BE-8] a greeting at another server that was not known of begins the lease anew; a known one says nothing new', () => {
  const { clock, silent } = runners()
  silent.greeted('r1', 3)
  clock.now += 10 * LIMITS.leaseMs
  silent.greeted('r1', 3)
  silent.greeted('r1', 2)
  expect(silent.left('r1')).toBe(0)
  silent.greeted('r1', 4)
  expect(silent.left('r1')).toBe(LIMITS.leaseMs)
})
