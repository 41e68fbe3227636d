import { createHash, randomBytes } from 'node:crypto'
import { isRefusal, newId, sessionStream, type LogId } from '@coppice/events'
import { httpBlobs, MemoryBlobOutbox, MemoryOutbox, openInPage, type Replica, type Socket } from '@coppice/replica'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { bearer, invited, type By } from '../../apps/sync/src/testing/members.ts'
import { startTestServer, withSession, type TestServer } from '../../apps/sync/src/testing/test-server.ts'

let server: TestServer
let log: LogId
let workspaceId: string
let sessionId: string
const replicas = new Set<Replica>()

beforeEach(async () => {
  server = await startTestServer()
  const made = await withSession(server)
  ;({ log, workspaceId, sessionId } = made)
  await made.owner.close()
})
afterEach(async () => {
  for (const replica of replicas) await replica.close()
  replicas.clear()
  expect(server.reports).toEqual([])
  await server.stop()
})

interface Device {
  readonly outbox: MemoryOutbox
  readonly blobs: MemoryBlobOutbox
}
const device = (): Device => ({ outbox: new MemoryOutbox(), blobs: new MemoryBlobOutbox() })

function open(by: By, { outbox, blobs }: Device = device(), url: string = server.url) {
  const replica = openInPage({
    outbox,
    blobs: { outbox: blobs, transport: httpBlobs(url, by) },
    userId: 'someone',
    clientId: newId(),
    appVersion: 'test',
    connect: () => new WebSocket(`${url.replace('http', 'ws')}/sync`, { headers: by }) as unknown as Socket,
  })
  replicas.add(replica)
  return replica
}

async function say(replica: Replica, text: string, bytes: Buffer, name: string) {
  const file = await replica.putBlob(new Blob([new Uint8Array(bytes)]), { name, type: 'image/png' })
  if (isRefusal(file)) throw new Error(file.message)
  const data = { messageId: newId(), text, attachments: [file] }
  const sent = await replica.command({ log, stream: sessionStream(sessionId) }, 'message.send', data)
  if (isRefusal(sent)) throw new Error(sent.message)
  return { ...sent, file }
}

const given = async (sha256: string, by: By): Promise<string> => {
  const answer = await fetch(`${server.url}/blobs/${workspaceId}/${sha256}`, { headers: by })
  return createHash('sha256')
    .update(Buffer.from(await answer.arrayBuffer()))
    .digest('hex')
}

test('[LF-2] what was attached with the server away arrives after a restart of both, the file before its message', async () => {
  const by = bearer(server.ownerToken)
  const kept = device()
  const away = open(by, kept, 'http://127.0.0.1:1')
  const picture = randomBytes(2_000_000)
  const { file } = await say(away, 'See this picture.', picture, 'picture.png')
  replicas.delete(away)
  await away.close()
  server = await server.restart()
  const back = open(bearer(server.ownerToken), kept)
  await expect.poll(() => back.connection()).toMatchObject({ state: 'online', waiting: 0 })
  expect(back.refused()).toEqual([])
  const other = await invited(server, workspaceId, 'viewer')
  expect(await given(file.sha256, other.by)).toBe(file.sha256)
  const reader = open(other.by)
  await expect.poll(() => reader.rows('sessions').has(sessionId)).toBe(true)
  const conversation = reader.openConversation(sessionId)
  await expect.poll(() => conversation.spine().length).toBeGreaterThan(0)
  const ids = conversation.spine().map(({ itemId }) => itemId)
  await conversation.load(ids)
  expect(ids.flatMap((id) => conversation.body(id)?.detail.attachments ?? [])).toEqual([file])
})

test('[LF-2, AC-2] who may only look on has the message back, with the reason, and the server has nothing of it', async () => {
  const { by } = await invited(server, workspaceId, 'viewer')
  const replica = open(by)
  const sent = await say(replica, 'May I?', randomBytes(100), 'a.png')
  expect(await sent.settled).toMatchObject({ kind: 'refused', refusal: { code: 'forbidden' } })
  await expect.poll(() => replica.refused()).toMatchObject([{ text: 'May I?' }])
  const answer = await fetch(`${server.url}/blobs/${workspaceId}/${sent.file.sha256}`, { headers: by })
  expect(answer.status).toBe(404)
})
