import { createHash } from 'node:crypto'
import { canonicalText, commandSchema, type Actor } from '@coppice/events'
import { expect, test } from 'vitest'
import { contentHash } from './receipt.ts'

const actor: Actor = { kind: 'user', id: 'u1' }
const said = {
  type: 'session.rename',
  stream: 'session/s1',
  log: 'workspace:w1',
  id: 'c1',
  occurredAt: 5,
  data: { name: 'Ünï', also: { z: 1, a: 2 } },
  correlationId: 'c1',
}
const whole = { ...said, schemaVersion: 2, dependsOn: ['c0'] }

test('what a command says is hashed over everything it says and who says it, as in every receipt there is', () => {
  for (const one of [said, whole]) {
    const command = commandSchema.parse(one)
    const text = canonicalText({ command, actor })
    expect(contentHash(command, actor)).toBe(createHash('sha256').update(text).digest('base64url'))
  }
  expect(contentHash(commandSchema.parse(said), actor)).toBe('HasctPB0S9DwsKl2-ahk92Vh5bgX1_3wQ0o1ZZ6OZic')
})

test('a command with anything else in it has another hash', () => {
  const before = contentHash(commandSchema.parse(whole), actor)
  const others = { schemaVersion: 3, dependsOn: ['c9'], correlationId: 'c2', data: {}, id: 'c2', occurredAt: 6 }
  const elsewhere = { log: 'workspace:w2', stream: 'session/s2', type: 'session.end' }
  for (const [key, value] of Object.entries({ ...others, ...elsewhere }))
    expect(contentHash(commandSchema.parse({ ...whole, [key]: value }), actor)).not.toBe(before)
  expect(Object.keys({ ...others, ...elsewhere }).toSorted()).toEqual(Object.keys(commandSchema.shape).toSorted())
  expect(contentHash(commandSchema.parse(whole), { kind: 'user', id: 'u2' })).not.toBe(before)
})
