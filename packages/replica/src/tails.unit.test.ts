import { sessionStream, type ItemRow, type RecordedEvent } from '@coppice/events'
import { deeds, foldRows, play } from '@coppice/events/testing'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Tails } from './tails.ts'

const SESSION = 's0'

const deed = (what: string, pick = 0) => ({ what, session: 0, pick, text: 'a' })
const BEGUN = [deed('create'), deed('ready'), deed('send'), deed('start')]

/** What a tail says of the conversation, and what its whole past says. */
function compared(events: readonly RecordedEvent[], from: number): { tail: ItemRow[]; whole: Map<string, ItemRow> } {
  const rows = foldRows(events)
  const tails = new Tails()
  tails.take(SESSION, events.slice(from), (table, key) => rows.get(`${table} ${key}`) as never)
  const whole = new Map(
    [...rows].flatMap(([name, row]) => (name.startsWith('items ') ? [[name.slice(6), row as ItemRow] as const] : [])),
  )
  return { tail: [...(tails.of(SESSION) ?? [])], whole }
}

test('[LF-7] what the newest events say of a conversation is what its whole past says of the same rows', () => {
  let shown = 0
  fc.assert(
    fc.property(deeds, fc.nat(100), (story, cut) => {
      const events = play([...BEGUN, ...story]).log.events.filter(({ stream }) => stream === sessionStream(SESSION))
      const from = Math.floor((events.length * cut) / 100)
      const { tail, whole } = compared(events, from)
      shown += tail.length
      for (const { itemId, kind, status, text } of tail)
        expect(whole.get(itemId)).toMatchObject({ itemId, kind, status, text })
    }),
    { numRuns: 500 },
  )
  expect(shown).toBeGreaterThan(200)
})

test('from the first event on it is the whole conversation; what began before is left out, and dropped is gone', () => {
  const { events } = play([...BEGUN, deed('tool', 3), deed('tool', 0), deed('say')]).log
  const all = compared(events, 0)
  expect(all.tail.map(({ itemId }) => itemId).toSorted()).toEqual([...all.whole.keys()].toSorted())
  expect(all.tail.length).toBeGreaterThan(1)
  const started = events.findIndex(({ type }) => type === 'tool.started')
  expect(started).toBeGreaterThan(0)
  const after = compared(events, started + 1)
  expect(after.tail.some(({ kind }) => kind === 'tool')).toBe(false)

  const tails = new Tails()
  tails.take(SESSION, events, (table, key) => foldRows(events).get(`${table} ${key}`) as never)
  const [first] = tails.of(SESSION) ?? []
  expect(tails.item(first?.itemId ?? '')).toEqual(first)
  tails.drop(SESSION)
  expect(tails.of(SESSION)).toBeUndefined()
  expect(tails.item(first?.itemId ?? '')).toBeUndefined()
})
