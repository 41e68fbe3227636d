import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import * as awarenessProtocol from 'y-protocols/awareness'
import * as Y from 'yjs'
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
  expect(room.take(said(), ann)).toEqual(said())
  expect(room.take(said(), ann)).toBeUndefined()
  hers.setLocalState({ at: 2 })
  expect(room.take(said(), ben)).toBeUndefined()
  expect(room.take(said(), ann)).toEqual(said())
  awarenessProtocol.applyAwarenessUpdate(his, room.all() ?? new Uint8Array(), 'room')
  expect(his.getStates().get(hers.clientID)).toEqual({ at: 2 })
  expect(room.left(ben)).toBeUndefined()
  awarenessProtocol.applyAwarenessUpdate(his, room.left(ann) ?? new Uint8Array(), 'room')
  expect(his.getStates().has(hers.clientID)).toBe(false)
  expect(room.all()).toBeUndefined()
  for (const awareness of [hers, his]) awareness.destroy()
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
