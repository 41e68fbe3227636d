import { draftEventSchema, recordedEventSchema, type DraftEvent } from '@coppice/events'
import { expect, test } from 'vitest'
import { bodyOf, recordedAs } from './stored-event.ts'

const draft: DraftEvent = draftEventSchema.parse({
  type: 'session.renamed',
  id: 'c1.0',
  stream: 'session/s1',
  log: 'workspace:w1',
  schemaVersion: 1,
  actor: { id: 'u1', kind: 'user' },
  correlationId: 'c1',
  causationId: 'c1',
  occurredAt: 5,
  data: { name: 'Ünï "quoted" \n', also: { z: 1, a: [2, null] } },
})
const place = { position: 7, streamVersion: 2, recordedAt: 9 }

test('an event at its place has all that its draft had, and its text is canonical', () => {
  const producer = { id: 'r1', epoch: 3, seq: 4 }
  const sealed = { keyId: 'k1', nonce: 'AA', ciphertext: 'BB' }
  for (const one of [draft, { ...draft, producer }, { ...draft, sealed }]) {
    const event = recordedAs(one, place)
    expect(event).toEqual({ ...one, ...place })
    expect(JSON.parse(bodyOf(event))).toEqual({ ...one, ...place })
  }
  expect(Object.keys(JSON.parse(bodyOf(recordedAs(draft, place))) as object)).toEqual(
    Object.keys(recordedEventSchema.shape)
      .filter((key) => key !== 'producer' && key !== 'sealed')
      .toSorted(),
  )
  expect(bodyOf(recordedAs(draft, place))).toContain('"data":{"also":{"a":[2,null],"z":1},"name":')
})
