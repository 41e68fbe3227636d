import { makeCommand, newId, WORKSPACE_STREAM, workspaceLog } from '@coppice/events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { createWorkspace } from '../testing/commands.ts'
import { freshDataFolder } from '../testing/data-folder.ts'
import { bearer, invited } from '../testing/members.ts'
import { startServerProcess } from '../testing/server-process.ts'
import { SyncClient } from '../testing/sync-client.ts'
import { startTestServer, withSession, type TestServer } from '../testing/test-server.ts'
import { until, yjsClient, type YjsClient } from '../testing/yjs-client.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(async () => {
  await server.stop()
})

const same = (...clients: YjsClient[]): Promise<string[]> =>
  until(
    () => clients.map(({ text }) => text.toJSON()),
    (texts) => new Set(texts).size === 1,
  )

test('[SY-5] two stock providers converge, see each other, and find the document again after a restart', async () => {
  const { owner, workspaceId, sessionId } = await withSession(server)
  const room = `${workspaceId}/session/${sessionId}/draft`
  const ben = await invited(server, workspaceId, 'member')
  const [a, b] = [yjsClient(server.url, room, bearer(server.ownerToken)), yjsClient(server.url, room, ben.by)]
  a.text.insert(0, 'Hello')
  await until(
    () => b.text.toJSON(),
    (text) => text === 'Hello',
  )
  for (let n = 0; n < 200; n += 1) {
    a.text.insert(a.text.length, 'a')
    b.text.insert(0, 'b')
    if (n % 50 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  await until(
    () => a.text.length,
    (length) => length === 405,
  )
  await same(a, b)
  a.provider.awareness.setLocalStateField('cursor', 7)
  const seenOfA = (): unknown => b.provider.awareness.getStates().get(a.doc.clientID)
  await until(seenOfA, (state) => JSON.stringify(state) === '{"cursor":7}')
  b.provider.awareness.setLocalStateField('cursor', 9)
  // Whoever comes later is told of both; whoever goes is gone at once.
  const c = yjsClient(server.url, room, bearer(server.ownerToken))
  await until(
    () => c.provider.awareness.getStates().size,
    (size) => size === 3,
  )
  a.leave()
  await until(seenOfA, (state) => state === undefined)
  const text = b.text.toJSON()
  c.leave()
  b.leave()
  await owner.close()
  server = await server.restart()
  const later = yjsClient(server.url, room, bearer(server.ownerToken))
  await until(
    () => later.text.toJSON(),
    (there) => there === text,
  )
  later.leave()
})

test('[AC-2] a stranger is refused, a viewer looks on but does not write, a member who is put out goes at once', async () => {
  const { owner, workspaceId, sessionId } = await withSession(server)
  const elsewhere = await withSession(server)
  const room = `${workspaceId}/session/${sessionId}/draft`
  const [viewer, member, stranger] = await Promise.all([
    invited(server, workspaceId, 'viewer'),
    invited(server, workspaceId, 'member'),
    invited(server, elsewhere.workspaceId, 'member'),
  ])
  const nobody = yjsClient(server.url, room, {})
  expect((await nobody.closed).code).toBe(4401)
  for (const name of [room, `${newId()}/session/x/draft`, 'nothing']) {
    const outside = yjsClient(server.url, name, stranger.by)
    expect(await outside.closed).toEqual({ code: 4404, reason: 'There is no such room.' })
    outside.leave()
  }
  const ours = yjsClient(server.url, room, bearer(server.ownerToken))
  const [onlooker, writer] = [yjsClient(server.url, room, viewer.by), yjsClient(server.url, room, member.by)]
  ours.text.insert(0, 'ours ')
  await until(
    () => [onlooker.text.toJSON(), writer.text.toJSON()],
    (texts) => texts.every((text) => text === 'ours '),
  )
  onlooker.text.insert(0, 'not so ')
  onlooker.provider.awareness.setLocalStateField('here', true)
  writer.text.insert(writer.text.length, 'and theirs')
  await until(
    () => ours.text.toJSON(),
    (text) => text === 'ours and theirs',
  )
  await until(
    () => ours.provider.awareness.getStates().get(onlooker.doc.clientID),
    (state) => state?.['here'] === true,
  )
  expect(ours.text.toJSON()).toBe('ours and theirs')
  const address = { log: workspaceLog(workspaceId), stream: WORKSPACE_STREAM }
  const put = makeCommand(address, 'workspace.removeMember', { userId: member.id }, { id: newId(), now: Date.now() })
  expect((await owner.push(put)).kind).toBe('accepted')
  expect((await writer.closed).code).toBe(4403)
  for (const client of [nobody, ours, onlooker, writer]) client.leave()
  await Promise.all([owner.close(), elsewhere.owner.close()])
})

test('[SY-7] too large an update, and bytes that are none, are refused clearly; the room goes on', async () => {
  const { owner, workspaceId } = await withSession(server)
  const room = `${workspaceId}/notes`
  const by = bearer(server.ownerToken)
  const [a, b] = [yjsClient(server.url, room, by), yjsClient(server.url, room, by)]
  a.text.insert(0, 'x'.repeat(1024 * 1024 + 1))
  expect(await a.closed).toEqual({ code: 4413, reason: 'An update has at most 1024 KiB.' })
  for (const bytes of [[9], [0, 2, 200], [0, 2, 3, 255, 255, 255], [1, 1, 255], [0, 7, 0], []]) {
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/yjs/${room}`, { headers: by })
    await new Promise((resolve) => socket.once('open', resolve))
    socket.send(new Uint8Array(bytes))
    const code = await new Promise((resolve) => socket.once('close', resolve))
    expect([bytes, code]).toEqual([bytes, 4400])
  }
  const c = yjsClient(server.url, room, by)
  b.text.insert(0, 'still here')
  await until(
    () => c.text.toJSON(),
    (text) => text === 'still here',
  )
  for (const client of [a, b, c]) client.leave()
  expect(server.reports).toEqual([])
  await owner.close()
})

test('[SY-5] what came back to its writer, or reached another, is there after a kill', async () => {
  const place = await freshDataFolder()
  const first = await startServerProcess(place)
  const owner = await SyncClient.connect(first.url, { token: first.ownerToken })
  const workspaceId = newId()
  await owner.push(createWorkspace(workspaceId, first.runnerId))
  const room = `${workspaceId}/notes`
  const [writer, reader] = [
    yjsClient(first.url, room, bearer(first.ownerToken)),
    yjsClient(first.url, room, bearer(first.ownerToken)),
  ]
  await until(() => reader.provider.synced && writer.provider.synced, Boolean)
  let said = 0
  const typing = setInterval(() => {
    said += 1
    writer.text.insert(writer.text.length, `${said};`)
  }, 1)
  await until(
    () => reader.text.length,
    (length) => length > 300,
  )
  await first.kill('SIGKILL')
  clearInterval(typing)
  const seen = reader.text.toJSON()
  for (const client of [writer, reader]) client.leave()
  const second = await startServerProcess(place)
  const later = yjsClient(second.url, room, bearer(second.ownerToken))
  const found = await until(
    () => later.text.toJSON(),
    (text) => text.length > 0,
  )
  expect(found.startsWith(seen)).toBe(true)
  later.leave()
  await second.kill('SIGTERM')
  await place.remove()
})
