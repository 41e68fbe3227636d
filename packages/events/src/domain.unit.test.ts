import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  canonicalText,
  decide,
  evolve,
  eventText,
  initialState,
  isKnown,
  isRefusal,
  LIMITS,
  makeCommand,
  parseEvent,
  parseObservation,
  project,
  recordedEventSchema,
  rowRefs,
  sessionStream,
  workspaceLog,
  type RecordedEvent,
} from './index.ts'
import { deeds, foldRows, MemoryLog, play } from './testing/index.ts'

const address = { log: workspaceLog('w'), stream: sessionStream('s') }
const actor = { kind: 'user' as const, id: 'mara' }
const creation = makeCommand(
  address,
  'session.create',
  {
    sessionId: 's',
    workspaceId: 'w',
    mode: 'develop',
    provider: 'script',
    model: '',
    baseBranch: 'main',
    stepMode: 'manual',
    message: { messageId: 'm', text: 'Fix it' },
  },
  { id: 'c1', now: 5 },
)

function decided(command = creation, now = 10) {
  const state = initialState(command.log, command.stream)
  if (!state) throw new Error('no such stream')
  const decision = decide(command, state, { actor, now })
  if (isRefusal(decision)) throw new Error(decision.message)
  return decision
}

describe('envelope', () => {
  test('[EV-2] every event carries id, log, stream, type, version, actor, cause and claimed time; the ids derive from command and n', () => {
    const events = decided()
    expect(events.map((event) => event.id)).toEqual(['c1.0', 'c1.1'])
    for (const event of events) {
      const recorded = { ...event, position: 1, streamVersion: 1, recordedAt: 11 }
      expect(recordedEventSchema.parse(recorded)).toEqual(recorded)
      expect(event).toMatchObject({
        log: 'workspace:w',
        stream: 'session/s',
        actor,
        causationId: 'c1',
        correlationId: 'c1',
        occurredAt: 5,
      })
    }
  })

  test('[EV-2] an observation without its producer is refused', () => {
    const event = { ...decided()[0], id: 'o1', type: 'worktree.removed', data: {} }
    expect(parseObservation(event)).toMatchObject({ code: 'invalid' })
    expect(parseObservation({ ...event, producer: { id: 'r', epoch: 1, seq: 1 } })).toMatchObject({
      type: 'worktree.removed',
    })
  })

  test('[EV-3] an event that does not fit its schema is refused before it is appended and after it is read, with the field named', () => {
    const broken = { ...decided()[0], data: { sessionId: 's' } } as unknown as RecordedEvent
    expect(() => parseEvent(broken)).toThrow(/workspaceId/)
    const observation = {
      ...broken,
      type: 'git.failed',
      data: { operationId: 7 },
      producer: { id: 'r', epoch: 1, seq: 1 },
    }
    expect(parseObservation(observation)).toMatchObject({
      code: 'invalid',
      message: expect.stringContaining('operationId'),
    })
  })

  test('a runner cannot pass a decided event off as an observation', () => {
    const forged = { ...decided()[0], producer: { id: 'r', epoch: 1, seq: 1 } }
    expect(parseObservation(forged)).toMatchObject({ code: 'forbidden' })
  })

  test('[EV-8] an event over 64 KiB is refused, decided or observed, and one just under it is not', () => {
    const large = (size: number) => ({
      ...decided()[0],
      type: 'message.added',
      data: { messageId: 'a', kind: 'agent', text: 'x'.repeat(size), completeness: 'whole' },
      producer: { id: 'r', epoch: 1, seq: 1 },
    })
    expect(parseObservation(large(LIMITS.eventBytes))).toMatchObject({ code: 'too_large' })
    expect(parseObservation(large(LIMITS.eventBytes - 200))).toMatchObject({ type: 'message.added' })
  })
})

describe('canonical text', () => {
  test('[EV-8] members are sorted, numbers kept, NUL and lone surrogates made safe (RFC 8785)', () => {
    expect(canonicalText({ b: 1e21, a: 'x\u0000', '\u20ac': [0.1, -0] })).toBe('{"a":"x\\u0000","b":1e+21,"€":[0.1,0]}')
    expect(canonicalText({ broken: '\ud800' })).toBe('{"broken":"\ufffd"}')
    expect(() => canonicalText({ n: Number.NaN })).toThrow('NaN')
  })

  test('the text of an event does not depend on the order of its members', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (data) => {
        const event = { ...decided()[0], data } as RecordedEvent
        const shuffled = Object.fromEntries(Object.entries(event).reverse()) as RecordedEvent
        expect(eventText(shuffled)).toBe(eventText(event))
      }),
    )
  })
})

describe('unknown and old', () => {
  test('[EV-4] an event of a type this code does not know is kept as it is and skipped by states and rows', () => {
    const event = {
      ...decided()[0],
      type: 'session.teleported',
      data: { to: 'mars' },
      position: 9,
      streamVersion: 3,
      recordedAt: 1,
    } as RecordedEvent
    expect(isKnown(event)).toBe(false)
    expect(parseEvent(event)).toBe(event)
    const state = initialState(event.log, event.stream)
    if (!state) throw new Error('no such stream')
    expect(evolve(state, event)).toBe(state)
    expect(project(event, () => undefined)).toEqual([])
  })
})

const deed = (what: string) => ({ what, session: 1, pick: 0, text: 'x' })
const unaskedEnd = ['create', 'send', 'ended'].map(deed)

describe('laws', () => {
  test('[EV-5] deciding a command again on the same state gives the same events with the same ids', () => {
    fc.assert(
      fc.property(deeds, (story) => {
        const first = play(story)
        const again = new MemoryLog()
        const second = play(story, again)
        expect(second.log.events).toEqual(first.log.events)
        for (const { command, actor: who } of first.commands)
          expect(first.log.push(command, who)).toEqual(second.log.push(command, who))
      }),
      { numRuns: 60 },
    )
  })

  test('[EV-6] rows folded from zero equal rows that were kept up to date, wherever the log is cut', () => {
    fc.assert(
      fc.property(deeds, fc.nat(), (story, cut) => {
        const { events } = play(story).log
        const at = events.length === 0 ? 0 : cut % events.length
        const kept = foldRows(events.slice(at), foldRows(events.slice(0, at)))
        expect(kept).toEqual(foldRows(events))
      }),
      { numRuns: 100 },
    )
  })

  test('[EV-1] a session row agrees with the decider state folded from the same events', () => {
    fc.assert(
      fc.property(deeds, (story) => {
        const { log } = play(story)
        const rows = foldRows(log.events)
        for (const sessionId of ['s0', 's1', 's2']) {
          const row = rows.get(`sessions ${sessionId}`)
          const state = log.state(workspaceLog('w'), sessionStream(sessionId)) as unknown as {
            status: string
            name: string
            queue: unknown[]
            exists: boolean
          }
          if (!state.exists) expect(row).toBeUndefined()
          else expect(row).toMatchObject({ status: state.status, name: state.name, queued: state.queue.length })
        }
      }),
      // An end that nobody asked for must not lose what waits in the queue.
      { numRuns: 150, examples: [[unaskedEnd]] },
    )
  })

  test('[EV-5] every event a decider makes passes its own schema', () => {
    fc.assert(
      fc.property(deeds, (story) => {
        for (const event of play(story).log.events) expect(parseEvent(event)).toEqual(event)
      }),
      { numRuns: 60 },
    )
  })
})

test('[AU-2] a sealed event is kept and hashed as it is, and skipped by whatever reads its data', () => {
  const sealed = { keyId: 'k1', nonce: 'AAAA', ciphertext: 'c2VjcmV0' }
  const event = recordedEventSchema.parse({
    id: 'sealed',
    log: 'workspace:w',
    stream: 'session/s',
    type: 'message.added',
    schemaVersion: 1,
    actor: { kind: 'agent', id: 'script' },
    causationId: 'c',
    correlationId: 'c',
    occurredAt: 1,
    data: {},
    sealed,
    position: 1,
    streamVersion: 1,
    recordedAt: 1,
  })
  expect(parseEvent(event)).toEqual(event)
  expect(JSON.parse(canonicalText(event))).toMatchObject({ sealed })
  expect(isKnown(event)).toBe(false)
  expect(rowRefs(event)).toEqual([])
  expect(project(event, () => undefined)).toEqual([])
  const before = initialState(event.log, event.stream)
  expect(before && evolve(before, event)).toBe(before)
})
