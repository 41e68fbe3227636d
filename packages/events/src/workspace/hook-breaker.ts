import { LIMITS } from '../limits.ts'
import type { HookSettingCommand, HookSettingEvent } from './hooks.ts'

/** How a hook fared lately: absent where it did well (H-31). */
export interface HookBreaker {
  /** Failures in a row. */
  readonly failures: number
  /** Sessions in which that was, so far as they need to be counted. */
  readonly sessions: readonly string[]
  /** When it was last switched off, the end of that, ms since 1970; it may be over. */
  readonly until?: number
}

const nothing: HookBreaker = { failures: 0, sessions: [] }

export const isOff = ({ until }: HookBreaker, now: number): boolean => until !== undefined && until > now

type Count = Extract<HookSettingCommand, { type: 'workspace.countHook' }>['data']
type Counted = Extract<HookSettingEvent, { type: 'workspace.hookCounted' | 'workspace.hookTripped' }>

/** Counts how a run came out; many failures in a row over several sessions switch the hook off. */
export function decideCount(run: Count, breaker: HookBreaker = nothing, now: number): readonly HookSettingEvent[] {
  // What was under way when it was switched off changes nothing.
  if (isOff(breaker, now)) return []
  if (!run.failed) return breaker.failures === 0 ? [] : [{ type: 'workspace.hookCounted', data: run }]
  const counted: Counted = { type: 'workspace.hookCounted', data: run }
  const { failures, sessions } = breakerAfter(counted, breaker) ?? nothing
  if (failures < LIMITS.hookFailures || sessions.length < LIMITS.hookFailureSessions) return [counted]
  const data = { hookId: run.hookId, failures, sessions: sessions.length, until: now + LIMITS.hookOffMs }
  return [counted, { type: 'workspace.hookTripped', data }]
}

export function breakerAfter(event: Counted, breaker: HookBreaker = nothing): HookBreaker | undefined {
  if (event.type === 'workspace.hookTripped') return { ...nothing, until: event.data.until }
  const { failed, sessionId } = event.data
  if (!failed) return undefined
  const { failures, sessions, until } = breaker
  const others = sessions.filter((id) => id !== sessionId)
  return {
    failures: failures + 1,
    sessions: [...others, sessionId].slice(-LIMITS.hookFailures),
    ...(until !== undefined && { until }),
  }
}
