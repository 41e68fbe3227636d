import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  isRefusal,
  rebase,
  type Actor,
  type AnyRow,
  type Command,
  type Confirmed,
  type DraftEvent,
  type Overlay,
} from './index.ts'
import { deeds, foldRows, MemoryLog, play } from './testing/index.ts'

const MARA: Actor = { kind: 'user', id: 'mara' }
const NOW = 1

/** A confirmed log, and commands of one person that wait on top of it; some of them name earlier ones they were built on. */
const situations = fc
  .record({ before: deeds, after: deeds, links: fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 8 }) })
  .map(({ before, after, links }) => {
    const { log } = play(before)
    const confirmedEvents = [...log.events]
    const taken = confirmedEvents.length
    const all = play(after, replayed(log)).commands
    const pending = all
      .filter(({ actor }) => actor.id === 'mara')
      .map(({ command }, n): Command => ({ ...command, id: `p${n}` as Command['id'] }))
    for (const [a, b] of links) {
      const later = pending[a % Math.max(1, pending.length)]
      const earlier = pending[b % Math.max(1, pending.length)]
      if (later && earlier && pending.indexOf(earlier) < pending.indexOf(later))
        later.dependsOn = [...(later.dependsOn ?? []), earlier.id]
    }
    return { events: confirmedEvents, taken, pending }
  })

/** Another log that stands where this one stands. */
function replayed(log: MemoryLog): MemoryLog {
  const copy = new MemoryLog()
  for (const event of log.events) copy.restore(event)
  return copy
}

function logOf(events: MemoryLog['events']): MemoryLog {
  const log = new MemoryLog()
  for (const event of events) log.restore(event)
  return log
}

function confirmedBy(log: MemoryLog): Confirmed {
  const rows = foldRows(log.events)
  return {
    stateOf: (of, stream) => (log.events.some((event) => event.stream === stream) ? log.state(of, stream) : undefined),
    read: (table, key) => rows.get(`${table} ${key}`) as never,
  }
}

/** Freezes all that can be reached: whoever writes to it throws. */
function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const part of Object.values(value)) frozen(part)
  }
  return value
}

const rowsOf = (overlay: Overlay): Map<string, AnyRow | null> =>
  new Map(
    [...overlay.rows].flatMap(([table, rows]) => [...rows].map(([key, row]) => [`${table} ${key}`, row] as const)),
  )

const isRefused = (overlay: Overlay, id: string): boolean => {
  const outcome = overlay.outcomes.get(id)
  return outcome !== undefined && outcome !== 'undecided' && isRefusal(outcome)
}

/** What does not depend on when and where an event was recorded. */
function timeless(row: AnyRow | null | undefined): unknown {
  if (!row) return row
  return Object.fromEntries(
    Object.entries(row).filter(([name]) => !['seq', 'at', 'createdAt', 'updatedAt', 'turnStartedAt'].includes(name)),
  )
}

const present = (rows: ReadonlyMap<string, AnyRow | null>): ReadonlyMap<string, unknown> =>
  new Map([...rows].filter(([, row]) => row !== null).map(([key, row]) => [key, timeless(row)]))

/** What was decided, without where and when it was recorded. */
const essence = (outcome: ReturnType<MemoryLog['push']> | 'undecided' | readonly DraftEvent[] | undefined): unknown =>
  outcome === undefined || outcome === 'undecided' || isRefusal(outcome)
    ? outcome
    : outcome.map(({ id, type, data }) => ({ id, type, data }))

const holds = (check: (situation: { log: MemoryLog; pending: readonly Command[] }) => void): void =>
  fc.assert(
    fc.property(situations, ({ events, pending }) => check({ log: logOf(events), pending })),
    { numRuns: 200 },
  )

test('[LF-4] rebasing is pure: it writes to nothing it is given, and gives the same twice', () => {
  holds(({ log, pending }) => {
    const rows = frozen(foldRows(log.events))
    for (const row of rows.values()) frozen(row)
    const streams = new Set(log.events.map((event) => event.stream))
    const confirmed: Confirmed = {
      stateOf: (of, stream) => (streams.has(stream) ? frozen(log.state(of, stream)) : undefined),
      read: (table, key) => rows.get(`${table} ${key}`) as never,
    }
    const once = rebase(frozen(pending), confirmed, MARA, NOW)
    expect(rebase(pending, confirmed, MARA, NOW)).toEqual(once)
  })
})

test('[LF-4] nothing pending: nothing is laid over the confirmed state', () => {
  holds(({ log }) => {
    const overlay = rebase([], confirmedBy(log), MARA, NOW)
    expect([overlay.rows.size, overlay.outcomes.size]).toEqual([0, 0])
  })
})

test('[LF-4] order is kept: what comes later changes nothing about what was decided before', () => {
  holds(({ log, pending }) => {
    const whole = rebase(pending, confirmedBy(log), MARA, NOW)
    for (let n = 0; n <= pending.length; n += 1) {
      const part = rebase(pending.slice(0, n), confirmedBy(log), MARA, NOW)
      for (const { id } of pending.slice(0, n)) expect(part.outcomes.get(id)).toEqual(whole.outcomes.get(id))
    }
  })
})

test('[LF-4] an accepted prefix folded into the confirmed state leaves the rest decided as before, and the screen as it was', () => {
  holds(({ log, pending: all }) => {
    const outcomes = rebase(all, confirmedBy(log), MARA, NOW).outcomes
    // Refused ones have left the outbox; about streams that are not here nothing was promised.
    const pending = all.filter(({ id }) => {
      const outcome = outcomes.get(id)
      return outcome !== undefined && outcome !== 'undecided' && !isRefusal(outcome)
    })
    const before = rebase(pending, confirmedBy(log), MARA, NOW)
    const screenBefore = present(new Map([...foldRows(log.events), ...rowsOf(before)]))
    for (const [n, command] of pending.entries()) {
      const answer = log.push(command, MARA)
      const decided = before.outcomes.get(command.id)
      expect(essence(answer)).toEqual(essence(decided))
      const after = rebase(pending.slice(n + 1), confirmedBy(log), MARA, NOW)
      expect(present(new Map([...foldRows(log.events), ...rowsOf(after)]))).toEqual(screenBefore)
    }
  })
})

test('[LF-3] exactly what was built on a refused command, directly or over others, is refused as dependent', () => {
  holds(({ log, pending }) => {
    const { outcomes } = rebase(pending, confirmedBy(log), MARA, NOW)
    const refused = new Set<string>()
    for (const command of pending) {
      const outcome = outcomes.get(command.id)
      const blocked = command.dependsOn?.some((id) => refused.has(id)) === true
      const code = outcome !== undefined && outcome !== 'undecided' && isRefusal(outcome) ? outcome.code : undefined
      expect(code === 'dependency_refused').toBe(blocked)
      if (code !== undefined) refused.add(command.id)
    }
  })
})

test('[LF-3] a refused command leaves no trace on the screen', () => {
  holds(({ log, pending }) => {
    const whole = rebase(pending, confirmedBy(log), MARA, NOW)
    const good = pending.filter(({ id }) => !isRefused(whole, id))
    expect(rowsOf(rebase(good, confirmedBy(log), MARA, NOW))).toEqual(rowsOf(whole))
  })
})

test('[LF-4] what is pending on a stream that is not here stays undecided and waits for the server', () => {
  const command: Command = {
    id: 'c' as Command['id'],
    log: 'workspace:w' as Command['log'],
    stream: 'session/elsewhere' as Command['stream'],
    type: 'message.send',
    data: { messageId: 'm', text: 'x' },
    occurredAt: 1,
    correlationId: 'c',
  }
  const overlay = rebase([command], confirmedBy(new MemoryLog()), MARA, NOW)
  expect(overlay.outcomes.get('c')).toBe('undecided')
  expect(overlay.rows.size).toBe(0)
})
