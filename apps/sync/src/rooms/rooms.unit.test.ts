import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import * as awarenessProtocol from 'y-protocols/awareness'
import * as Y from 'yjs'
import { LIMITS } from '../limits.ts'
import { RoomAwareness } from './room-awareness.ts'
import { UpdateWriter } from './update-writer.ts'

const someone = (principalId: string) => ({ principalId })

test('awareness: new is passed on, repeats and other people’s clients are not, and who leaves is taken out', () => {
  const [ann, ben] = [someone('ann'), someone('ben')]
  const hers = new awarenessProtocol.Awareness(new Y.Doc())
  const his = new awarenessProtocol.Awareness(new Y.Doc())
  const room = new RoomAwareness<{ principalId: string }>()
  const said = (): Uint8Array => awarenessProtocol.encodeAwarenessUpdate(hers, [hers.clientID])
  hers.setLocalState({ at: 1 })
  expect(room.take(said(), ann)?.update).toEqual(said())
  expect(room.take(said(), ann)).toBeUndefined()
  hers.setLocalState({ at: 2 })
  expect(room.take(said(), ben)).toBeUndefined()
  expect(room.take(said(), ann)?.update).toEqual(said())
  awarenessProtocol.applyAwarenessUpdate(his, room.all() ?? new Uint8Array(), 'room')
  expect(his.getStates().get(hers.clientID)).toEqual({ at: 2 })
  expect(room.left(ben)).toBeUndefined()
  awarenessProtocol.applyAwarenessUpdate(his, room.left(ann)?.update ?? new Uint8Array(), 'room')
  expect(his.getStates().has(hers.clientID)).toBe(false)
  expect(room.all()).toBeUndefined()
  // She comes back, and is seen with the first thing that she says.
  hers.setLocalState({ at: 3 })
  awarenessProtocol.applyAwarenessUpdate(his, room.take(said(), ann)?.update ?? new Uint8Array(), 'room')
  expect(his.getStates().get(hers.clientID)).toEqual({ at: 3 })
  for (const awareness of [hers, his]) awareness.destroy()
})

test('awareness of two servers: late ones are told, who moves stays, who leaves or falls silent is taken out', () => {
  const silence = LIMITS.awarenessSilenceMs
  const [here, there] = [new RoomAwareness<{ principalId: string }>(), new RoomAwareness<{ principalId: string }>()]
  const hers = new awarenessProtocol.Awareness(new Y.Doc())
  const seen = new awarenessProtocol.Awareness(new Y.Doc())
  const shows = (update: Uint8Array | undefined): unknown => {
    if (update) awarenessProtocol.applyAwarenessUpdate(seen, update, 'room')
    return seen.getStates().get(hers.clientID)
  }
  const said = (): Uint8Array => awarenessProtocol.encodeAwarenessUpdate(hers, [hers.clientID])
  const [ann, annAgain, ben] = [someone('ann'), someone('ann'), someone('ben')]
  hers.setLocalState({ at: 1 })
  // Somebody is in the room at one server; the other one asks.
  const fresh = here.take(said(), ann, 0)
  expect(fresh?.clients).toMatchObject([{ client: hers.clientID, principalId: 'ann' }])
  expect(shows(there.hear(here.here(), 0))).toEqual({ at: 1 })
  expect(there.hear(here.here(), 0)).toBeUndefined()
  expect(there.here()).toEqual([])
  // Who comes there later sees her; nobody there speaks for her.
  expect(there.all()).toEqual(said())
  hers.setLocalState({ at: 2 })
  expect(there.take(said(), ben, 1)).toBeUndefined()
  // She comes back through the other server before the first one has found her old connection dead.
  const moved = there.take(said(), annAgain, 1)
  expect(moved?.update).toEqual(said())
  expect(here.hear(moved?.clients ?? [], 1)).toEqual(said())
  expect(here.left(ann)).toBeUndefined()
  expect(shows(here.all())).toEqual({ at: 2 })
  // Her server dies: silence.
  expect(here.expire(silence)).toBeUndefined()
  expect(shows(here.expire(silence + 2))).toBeUndefined()
  expect(here.all()).toBeUndefined()
  // Those who are at this server do not fall silent; their connection ends.
  expect(there.expire(10 * silence)).toBeUndefined()
  const left = there.left(annAgain)
  expect(left?.clients).toMatchObject([{ state: 'null' }])
  expect(here.hear(left?.clients ?? [], 2)).toBeUndefined()
  for (const awareness of [hers, seen]) awareness.destroy()
})

test('what comes while a commit is on its way goes with the next, one update a room', async () => {
  const appended: { room: number; bytes: Uint8Array }[][] = []
  let seq = 0
  const writer = new UpdateWriter({
    async append(updates) {
      appended.push([...updates])
      await pause(5)
      seq += 1
      return new Map(updates.map(({ room }) => [room, seq]))
    },
  })
  const doc = new Y.Doc()
  const stored: { count: number; seq: number }[] = []
  const relayed = new Y.Doc()
  const room = {
    no: 1,
    stored: (update: Uint8Array, count: number, seq: number) => {
      Y.applyUpdate(relayed, update)
      stored.push({ count, seq })
    },
    failed: (error: unknown) => {
      throw error
    },
  }
  doc.on('update', (update: Uint8Array) => writer.add(room, update))
  doc.getText('t').insert(0, 'a')
  await pause(2)
  for (let n = 0; n < 9; n += 1) doc.getText('t').insert(0, 'b')
  await writer.idle()
  expect(stored).toEqual([
    { count: 1, seq: 1 },
    { count: 9, seq: 2 },
  ])
  expect(relayed.getText('t').toJSON()).toBe('bbbbbbbbba')
  expect(appended.map((batch) => batch.length)).toEqual([1, 1])
})
