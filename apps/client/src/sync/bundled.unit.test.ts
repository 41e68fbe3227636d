import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Bundled } from './bundled.ts'

// A clock that stands still until a test moves it: what is shown here is when something is told.
beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => void vi.useRealTimers())

const of = (...tables: string[]): ReadonlyMap<string, unknown> => new Map(tables.map((table) => [table, 1]))

function bundled() {
  const told: string[][] = []
  const made = new Bundled((tables) => void told.push([...tables]))
  return { made, told }
}

test('a change after a quiet time is told at once; those that follow it are told together, each table once', () => {
  const { made, told } = bundled()
  made.take(of('sessions'))
  expect(told).toEqual([['sessions']])
  for (let n = 0; n < 100; n += 1) made.take(of('sessions', 'pins'))
  made.take(of('users'))
  expect(told).toHaveLength(1)
  vi.advanceTimersByTime(1_000)
  expect(told.slice(1)).toEqual([['sessions', 'pins', 'users']])
  made.take(of('pins'))
  expect(told.slice(2)).toEqual([['pins']])
})

test('a stream of changes is told again and again, not only when it has ended', () => {
  const { made, told } = bundled()
  for (let n = 0; n < 1_000; n += 1) {
    made.take(of('sessions'))
    vi.advanceTimersByTime(1)
  }
  expect(told.length).toBeGreaterThan(10)
  expect(told.length).toBeLessThan(40)
})

test('nothing is told after the end', () => {
  const { made, told } = bundled()
  made.take(of('sessions'))
  made.take(of('pins'))
  made.close()
  vi.advanceTimersByTime(1_000)
  expect(told).toEqual([['sessions']])
})
