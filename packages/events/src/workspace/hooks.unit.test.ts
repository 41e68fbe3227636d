import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LIMITS } from '../limits.ts'
import { isRefusal } from '../refusal.ts'
import { decideHooks, hookSchema, hooksAfter, hookSkipped, hooksOf, noHooks } from './hooks.ts'
import type { HookSettingCommand, HookSettings, WorkspaceHook } from './hooks.ts'

const hook = (more: Partial<WorkspaceHook> = {}): WorkspaceHook => ({
  hookId: 'lint',
  event: 'done',
  name: 'Lint',
  work: { kind: 'script', script: 'pnpm lint' },
  stopOnFailure: true,
  retries: 0,
  timeoutSeconds: 60,
  report: 'full',
  files: [],
  branches: [],
  ...more,
})
const session = { mode: 'develop' as const, baseBranch: 'main' }

/** Settings after commands, one after the other, at a time. */
function after(settings: HookSettings, now: number, ...commands: readonly HookSettingCommand[]): HookSettings {
  return commands.reduce((known, command) => {
    const events = decideHooks(command, known, now)
    if (isRefusal(events)) throw new Error(events.message)
    return events.reduce((next, event) => hooksAfter(event, next, now), known)
  }, settings)
}
const set = (one: WorkspaceHook): HookSettingCommand => ({ type: 'workspace.setHook', data: one })
const count = (sessionId: string, failed: boolean): HookSettingCommand => ({
  type: 'workspace.countHook',
  data: { hookId: 'lint', sessionId, runId: 'run', failed },
})

describe('what may be set', () => {
  const fits = (more: Partial<WorkspaceHook>): boolean => hookSchema.safeParse(hook(more)).success

  test('[H-13] retries are 0 to 10', () => {
    expect([0, 10, 11, -1, 1.5].map((retries) => fits({ retries }))).toEqual([true, true, false, false, false])
  })

  test('[H-14] the timeout is 1 to 3600 seconds', () => {
    const given = [1, 3_600, 0, 3_601]
    expect(given.map((timeoutSeconds) => fits({ timeoutSeconds }))).toEqual([true, true, false, false])
  })

  test('[H-7] hooks of an event have an order, names of their own, and a limit; the order of others stays', () => {
    const first = after(
      noHooks,
      1,
      set(hook()),
      set(hook({ hookId: 'types', name: 'Types' })),
      set(hook({ hookId: 'x', event: 'init' })),
    )
    const ids = (settings: HookSettings): string[] => hooksOf('done', session, settings, 9).map(({ hookId }) => hookId)
    expect(ids(first)).toEqual(['lint', 'types'])
    const order = (hookIds: string[]): HookSettingCommand => ({
      type: 'workspace.orderHooks',
      data: { event: 'done', hookIds },
    })
    expect(ids(after(first, 2, order(['types', 'lint'])))).toEqual(['types', 'lint'])
    expect(decideHooks(order(['types']), first, 2)).toMatchObject({ code: 'conflict' })
    expect(decideHooks(set(hook({ hookId: 'other' })), first, 2)).toMatchObject({ code: 'already_exists' })
    const many = Array.from({ length: LIMITS.hooksPerEvent }, (_, n) => set(hook({ hookId: `${n}`, name: `${n}` })))
    expect(decideHooks(set(hook({ hookId: 'more', name: 'more' })), after(noHooks, 1, ...many), 2)).toMatchObject({
      code: 'queue_full',
    })
  })

  test('what happened before a change of the hooks is none of their business', () => {
    const settings = after(noHooks, 100, set(hook()))
    expect(hooksOf('done', session, settings, 99)).toEqual([])
    expect(hooksOf('done', session, settings, 100)).toHaveLength(1)
  })
})

describe('the circuit breaker', () => {
  const trips = (settings: HookSettings, now: number): boolean =>
    hookSkipped(hook(), session, settings, now) !== undefined

  test('[H-31] five failures in a row trip it, but only over two sessions; one success begins anew', () => {
    const failing = (...sessions: string[]): HookSettings =>
      after(noHooks, 1, set(hook()), ...sessions.map((id) => count(id, true)))
    expect(trips(failing('a', 'a', 'a', 'a', 'a', 'a'), 2)).toBe(false)
    expect(trips(failing('a', 'b', 'a', 'b'), 2)).toBe(false)
    expect(trips(failing('a', 'b', 'a', 'b', 'a'), 2)).toBe(true)
    const saved = after(failing('a', 'b', 'a', 'b'), 1, count('a', false), count('b', true))
    expect(trips(saved, 2)).toBe(false)
  })

  test('[H-33] [H-34] it resets by itself after ten minutes, and when the hook is changed; failures count from none then', () => {
    const five = ['a', 'b', 'a', 'b', 'a'].map((id) => count(id, true))
    const tripped = after(noHooks, 1_000, set(hook()), ...five)
    expect(tripped.breakers['lint']?.until).toBe(1_000 + 600_000)
    expect(trips(tripped, 600_999)).toBe(true)
    expect(trips(tripped, 601_000)).toBe(false)
    expect(trips(after(tripped, 700_000, count('a', true)), 700_001)).toBe(false)
    expect(trips(after(tripped, 2_000, set(hook({ retries: 1 }))), 2_001)).toBe(false)
    expect(trips(after(tripped, 2_000, { type: 'workspace.resetHook', data: { hookId: 'lint' } }), 2_001)).toBe(false)
  })

  test('[H-31] law: it is never tripped without five failures in a row over two sessions', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.boolean()), { maxLength: 40 }), (runs) => {
        let settings = after(noHooks, 1, set(hook()))
        let row: string[] = []
        for (const [sessionId, failed] of runs) {
          settings = after(settings, 1, count(sessionId, failed))
          row = failed ? [...row, sessionId] : []
          const should = row.length >= LIMITS.hookFailures && new Set(row).size >= LIMITS.hookFailureSessions
          expect(trips(settings, 2)).toBe(should)
          // From here on nothing is counted until the time is over.
          if (should) return
        }
      }),
    )
  })
})
