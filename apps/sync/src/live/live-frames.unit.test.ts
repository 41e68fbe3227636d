import { NumberedTexts, type Live, type LiveItem } from '@coppice/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { liveFrames } from './live-frames.ts'
import { LiveRoom } from './live-room.ts'
import { Numbers } from './numbers.ts'

const text = (itemId: string, offset: number, said: string): LiveItem => ({
  kind: 'text',
  itemId,
  channel: 'agent',
  turnId: 't',
  offset,
  text: said,
  at: 1,
})

/** A watcher of version 2 who has all that was sent: what is known to it is a room of its own. */
function watcher() {
  const texts = new NumberedTexts()
  const rooms = new Map<string, LiveRoom>()
  return {
    hears: (frame: Buffer) => {
      const delta = texts.read(String(frame))
      const live = delta ?? (JSON.parse(String(frame)) as Live)
      if (delta === undefined) texts.note(live)
      const room = rooms.get(live.session) ?? new LiveRoom()
      rooms.set(live.session, room)
      if (live.state === true) room.clear()
      room.take(live.items)
    },
    state: (session: string) => rooms.get(session)?.state() ?? [],
  }
}

const news = fc.record({
  session: fc.constantFrom('s1', 's2', 's3'),
  items: fc.array(
    fc.oneof(
      fc.record({
        itemId: fc.constantFrom('a', 'b', 'c'),
        // Before, at and after where the text ends.
        jump: fc.constantFrom(0, 0, 0, 0, -2, -50, 3),
        said: fc.oneof(fc.string(), fc.constantFrom('\u{1F600}', '\uD83D', '\uDE00', '{"t":"live"}', '\n')),
      }),
      fc.record({ end: fc.constantFrom('a', 'b', 'c') }),
      fc.record({ step: fc.constantFrom('', 'clone') }),
    ),
    { maxLength: 5 },
  ),
  asksAgain: fc.boolean(),
})

test('whoever hears the short form knows what the server knows, after any news, with numbers used again and again', () => {
  fc.assert(
    fc.property(fc.array(news, { maxLength: 30 }), (all) => {
      const numbers = new Numbers()
      const rooms = new Map(['s1', 's2', 's3'].map((session) => [session, new LiveRoom(numbers)]))
      const one = watcher()
      for (const { session, items: wanted, asksAgain } of all) {
        const state = rooms.get(session) ?? new LiveRoom()
        const ends = new Map(
          state.state().map((item) => (item.kind === 'text' ? [item.itemId, item.offset + item.text.length] : ['', 0])),
        )
        const items = wanted.map((item): LiveItem => {
          if ('end' in item) return { kind: 'end', itemId: item.end }
          if ('step' in item) return { kind: 'progress', step: item.step, detail: '' }
          const offset = Math.max(0, (ends.get(item.itemId) ?? 0) + item.jump)
          ends.set(item.itemId, Math.max(ends.get(item.itemId) ?? 0, offset + item.said.length))
          return text(item.itemId, offset, item.said)
        })
        for (const frame of liveFrames({ log: 'l', session, state }, items).short) one.hears(frame)
        if (asksAgain) {
          const known = state.state()
          const live = { t: 'live', log: 'l', session, items: known, state: true, numbers: state.numbers(known) }
          one.hears(Buffer.from(JSON.stringify(live)))
        }
        for (const [name, room] of rooms) expect(one.state(name)).toEqual(room.state())
      }
    }),
    { numRuns: 300 },
  )
})

test('a delta that goes on is its text and one byte; the long form stays what it was', () => {
  const of = { log: 'l', session: 's', state: new LiveRoom() }
  const first = liveFrames(of, [text('m', 0, 'once')])
  expect(first.short).toHaveLength(1)
  expect(JSON.parse(String(first.short[0]))).toMatchObject({ items: [{ text: 'once' }], numbers: [['m', 0]] })
  const second = liveFrames(of, [text('m', 4, ' upon'), { kind: 'end', itemId: 'm' }])
  expect(second.short.map(String)).toEqual([
    '  upon',
    JSON.stringify({ t: 'live', log: 'l', session: 's', items: [{ kind: 'end', itemId: 'm' }] }),
  ])
  expect(JSON.parse(String(second.long))).toEqual({
    t: 'live',
    log: 'l',
    session: 's',
    items: [text('m', 4, ' upon'), { kind: 'end', itemId: 'm' }],
  })
})
