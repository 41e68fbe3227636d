import { newId } from '@coppice/events'
import type { LiveItem } from '@coppice/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { agentMessage } from '../testing/commands.ts'
import { SyncClient } from '../testing/sync-client.ts'
import { startTestServer, withSession, type TestServer } from '../testing/test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(async () => {
  expect(server.reports).toEqual([])
  await server.stop()
})

/** 10,000 tokens of four letters, at 50 a second, as a runner gathers them. */
const PIECE = 20
const ANSWER = 'Of all the trees in a wood, the oldest are those that were cut down most often. '.repeat(500)

const delta = (itemId: string, offset: number, text: string): LiveItem => ({
  kind: 'text',
  itemId,
  channel: 'agent',
  turnId: 't1',
  offset,
  text,
  at: 1,
})

/** The text that a client was told of, by the offsets alone. */
function heard(client: SyncClient): string {
  let text = ''
  for (const message of client.received)
    for (const item of message.t === 'live' ? message.items : [])
      if (item.kind === 'text') {
        expect(item.offset).toBe(text.length)
        text += item.text
      }
  return text
}

test('[PF-10] an answer of 10,000 tokens costs a watcher at most 2.2 times its text, all told, and another client 1.3 times; who speaks version 1 gets it the long way', async () => {
  const { owner: other, log, sessionId, workspaceId } = await withSession(server)
  const by = { token: server.ownerToken }
  const runner = await SyncClient.connect(server.url, { token: server.runnerToken }, { role: 'runner' })
  const [watcher, older] = await Promise.all([
    SyncClient.connect(server.url, by),
    SyncClient.connect(server.url, by, { version: 1 }),
  ])
  expect([watcher.welcome.version, older.welcome.version]).toEqual([2, 1])
  for (const client of [watcher, older, other]) {
    client.subscribe(log, 3, watcher.welcome.logs.find((one) => one.log === log)?.epoch)
    if (client !== other) {
      client.send({ t: 'watch', sessions: [{ log, session: sessionId }] })
      await client.next('live', ({ state }) => state === true)
    }
    client.send({ t: 'ping', n: 1 })
    await client.next('pong')
  }
  for (const client of [watcher, older, other]) client.forget()
  const before = [watcher.bytes, other.bytes] as const

  const itemId = newId()
  for (let offset = 0; offset < ANSWER.length; offset += PIECE) {
    const items = [delta(itemId, offset, ANSWER.slice(offset, offset + PIECE))]
    runner.send({ t: 'live', log, session: sessionId, items })
    if (offset % 2_000 > 0) continue
    // The runner says no more than so much at once.
    runner.send({ t: 'ping', n: offset })
    await runner.next('pong', ({ n }) => n === offset)
  }
  const epoch = runner.welcome.producerEpoch ?? 0
  const event = agentMessage(workspaceId, sessionId, ANSWER, { id: server.runnerId, epoch, seq: 1 })
  runner.send({ t: 'observe', batch: 'b', log, events: [event] })
  runner.send({ t: 'live', log, session: sessionId, items: [{ kind: 'end', itemId }] })
  for (const client of [watcher, older]) {
    await client.next('live', ({ items }) => items.some(({ kind }) => kind === 'end'))
    await client.eventsUpTo(log, 4)
    expect(heard(client)).toBe(ANSWER)
  }
  await other.eventsUpTo(log, 4)
  expect((watcher.bytes - before[0]) / ANSWER.length).toBeLessThan(2.2)
  expect((other.bytes - before[1]) / ANSWER.length).toBeLessThan(1.3)
  for (const client of [watcher, older, other, runner]) await client.close()
})

test('a piece that begins within a letter of two units arrives unharmed', async () => {
  const { owner, log, sessionId } = await withSession(server)
  const runner = await SyncClient.connect(server.url, { token: server.runnerToken }, { role: 'runner' })
  owner.send({ t: 'watch', sessions: [{ log, session: sessionId }] })
  await owner.next('live', ({ state }) => state === true)
  const text = 'A tree: \u{1F333}, and one more: \u{1F332}.'
  for (let offset = 0; offset < text.length; offset += 1)
    runner.send({ t: 'live', log, session: sessionId, items: [delta('m', offset, text.slice(offset, offset + 1))] })
  await expect.poll(() => heard(owner)).toBe(text)
  await Promise.all([owner.close(), runner.close()])
})
