import type { LiveItem } from '@coppice/protocol'
import { expect, test } from 'vitest'
import { LIMITS } from '../limits.ts'
import { LiveRoom } from './live-room.ts'

const text = (itemId: string, offset: number, more: string): LiveItem => ({
  kind: 'text',
  itemId,
  channel: 'agent',
  turnId: 't',
  offset,
  text: more,
  at: 1,
})
const progress = (step: string): LiveItem => ({ kind: 'progress', step, detail: '' })

test('deltas become one text; what was known already is not taken twice', () => {
  const room = new LiveRoom()
  room.take([text('m', 0, 'Hello'), text('m', 5, ' wor'), text('m', 3, 'lo world'), text('m', 0, 'Hello')])
  expect(room.state()).toEqual([text('m', 0, 'Hello world')])
})

test('after a gap only what follows is kept, with the offset that says so', () => {
  const room = new LiveRoom()
  room.take([text('m', 0, 'Hello'), text('m', 9, 'ld')])
  expect(room.state()).toEqual([text('m', 9, 'ld')])
})

test('the last progress counts, an empty step ends it, and an item that ended is gone', () => {
  const room = new LiveRoom()
  room.take([progress('clone'), progress('worktree'), text('m', 0, 'x')])
  expect(room.state()).toEqual([progress('worktree'), text('m', 0, 'x')])
  room.take([progress(''), { kind: 'end', itemId: 'm' }])
  expect(room.empty).toBe(true)
})

test('it is bounded: of too many items the oldest go, of too long a text its beginning', () => {
  const room = new LiveRoom()
  for (let n = 0; n < LIMITS.liveItems + 50; n += 1) room.take([text(`m${n}`, 0, 'x')])
  expect(room.state()).toHaveLength(LIMITS.liveItems)
  expect(room.state()[0]).toMatchObject({ itemId: 'm50' })
  const long = new LiveRoom()
  const piece = 'y'.repeat(100_000)
  for (let n = 0; n < 30; n += 1) long.take([text('m', n * piece.length, piece)])
  const [kept] = long.state()
  if (kept?.kind !== 'text') throw new Error('no text was kept')
  expect(kept.text.length).toBeLessThanOrEqual(LIMITS.liveText)
  expect(kept.offset + kept.text.length).toBe(30 * piece.length)
})
