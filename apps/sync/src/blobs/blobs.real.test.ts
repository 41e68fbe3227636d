import { createHash, randomBytes } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { newId } from '@coppice/events'
import type { Receipt } from '@coppice/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { BlobFiles } from './blob-files.ts'
import { Blobs } from './blobs.ts'
import { openStore } from '../store/open-store.ts'
import { createSession, createWorkspace, renameSession, sendMessage } from '../testing/commands.ts'
import { freshDataFolder } from '../testing/data-folder.ts'
import { bearer, invited, type By } from '../testing/members.ts'
import { startServerProcess } from '../testing/server-process.ts'
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

const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const put = (workspaceId: string, sha256: string, bytes: Uint8Array, by: By, type = 'image/png'): Promise<Response> =>
  fetch(`${server.url}/blobs/${workspaceId}/${sha256}`, {
    method: 'PUT',
    headers: { ...by, 'content-type': type },
    body: new Uint8Array(bytes),
  })
const get = (workspaceId: string, sha256: string, by: By, headers: By = {}, query = ''): Promise<Response> =>
  fetch(`${server.url}/blobs/${workspaceId}/${sha256}${query}`, { headers: { ...by, ...headers } })

test('a blob is named by its bytes, sent once, read whole and in parts, and there after a restart', async () => {
  const { owner, workspaceId } = await withSession(server)
  const by = bearer(server.ownerToken)
  const bytes = randomBytes(300_000)
  expect((await put(workspaceId, sha(bytes), bytes, by)).status).toBe(201)
  expect((await put(workspaceId, sha(bytes), bytes, by)).status).toBe(200)
  const whole = await get(workspaceId, sha(bytes), by)
  expect(Buffer.from(await whole.arrayBuffer()).equals(bytes)).toBe(true)
  expect(Object.fromEntries(whole.headers)).toMatchObject({
    'content-type': 'image/png',
    'content-disposition': 'inline',
    'cache-control': 'private, max-age=31536000, immutable',
    'content-security-policy': "default-src 'none'; sandbox",
    'x-content-type-options': 'nosniff',
    'content-length': '300000',
  })
  const part = await get(workspaceId, sha(bytes), by, { range: 'bytes=1000-1999' })
  expect([part.status, part.headers.get('content-range')]).toEqual([206, 'bytes 1000-1999/300000'])
  expect(Buffer.from(await part.arrayBuffer()).equals(bytes.subarray(1_000, 2_000))).toBe(true)
  expect((await get(workspaceId, sha(bytes), by, { range: 'bytes=300000-' })).status).toBe(416)
  expect((await get(workspaceId, sha(bytes), by, { 'if-none-match': `"${sha(bytes)}"` })).status).toBe(304)
  const empty = new Uint8Array()
  expect((await put(workspaceId, sha(empty), empty, by)).status).toBe(201)
  expect((await (await get(workspaceId, sha(empty), by)).arrayBuffer()).byteLength).toBe(0)
  await owner.close()
  server = await server.restart()
  const again = await get(workspaceId, sha(bytes), bearer(server.ownerToken))
  expect(sha(new Uint8Array(await again.arrayBuffer()))).toBe(sha(bytes))
})

test('other bytes than the name says, or too many, are not kept; what could run is only ever a download', async () => {
  const { owner, workspaceId } = await withSession(server)
  const by = bearer(server.ownerToken)
  const bytes = randomBytes(100)
  const wrong = await put(workspaceId, '0'.repeat(64), bytes, by)
  expect([wrong.status, ((await wrong.json()) as { error: string }).error]).toEqual([
    422,
    `These bytes have the SHA-256 ${sha(bytes)}. They were not kept.`,
  ])
  expect((await put(workspaceId, 'short', bytes, by)).status).toBe(400)
  const large = new Uint8Array(64 * 1024 * 1024 + 1)
  expect((await put(workspaceId, sha(large), large, by)).status).toBe(413)
  expect((await get(workspaceId, '0'.repeat(64), by)).status).toBe(404)
  expect(fs.readdirSync(path.join(server.folder, 'blobs', 'incoming'))).toEqual([])
  for (const type of ['text/html', 'image/svg+xml', 'text/javascript']) {
    const page = Buffer.from(`<svg onload="alert('${type}')"/>`)
    await put(workspaceId, sha(page), page, by, type)
    const answer = await get(workspaceId, sha(page), by, {}, `?name=${encodeURIComponent('a "b"\r\nc.svg')}`)
    expect(answer.headers.get('content-disposition')).toBe("attachment; filename*=UTF-8''a%20%22b%22%0D%0Ac.svg")
    expect((await get(workspaceId, sha(page), by, { 'sec-fetch-dest': 'script' })).status).toBe(403)
  }
  await owner.close()
})

test('[AC-2] members send and read, viewers read, strangers learn nothing', async () => {
  const { owner, workspaceId } = await withSession(server)
  const elsewhere = await withSession(server)
  const [viewer, member, stranger] = await Promise.all([
    invited(server, workspaceId, 'viewer'),
    invited(server, workspaceId, 'member'),
    invited(server, elsewhere.workspaceId, 'admin'),
  ])
  const bytes = randomBytes(10)
  await put(workspaceId, sha(bytes), bytes, bearer(server.runnerToken))
  const statuses = async (by: By): Promise<number[]> => {
    const own = randomBytes(10)
    const collect = fetch(`${server.url}/blobs/${workspaceId}/collect?dry-run`, { method: 'POST', headers: by })
    return [
      (await get(workspaceId, sha(bytes), by)).status,
      (await put(workspaceId, sha(own), own, by)).status,
      (await collect).status,
    ]
  }
  expect(await statuses({})).toEqual([401, 401, 401])
  expect(await statuses(stranger.by)).toEqual([404, 404, 404])
  expect(await statuses(viewer.by)).toEqual([200, 403, 403])
  expect(await statuses(member.by)).toEqual([200, 201, 403])
  expect(await statuses(bearer(server.ownerToken))).toEqual([200, 201, 200])
  // What one workspace has, another does not, even if it knows the name.
  expect((await get(elsewhere.workspaceId, sha(bytes), stranger.by)).status).toBe(404)
  await Promise.all([owner.close(), elsewhere.owner.close()])
})

test('what an event points to is kept; the rest goes after its grace, and a dry run only lists it', async () => {
  const place = await freshDataFolder()
  const first = await startServerProcess(place)
  const by = bearer(first.ownerToken)
  const owner = await SyncClient.connect(first.url, { token: first.ownerToken })
  const [workspaceId, sessionId] = [newId(), newId()]
  await owner.push(createWorkspace(workspaceId, first.runnerId))
  await owner.push(createSession(workspaceId, sessionId))
  const [kept, loose, late] = [randomBytes(20), randomBytes(30), randomBytes(40)]
  const send = async (bytes: Uint8Array): Promise<void> => {
    const url = `${first.url}/blobs/${workspaceId}/${sha(bytes)}`
    expect((await fetch(url, { method: 'PUT', headers: by, body: new Uint8Array(bytes) })).status).toBe(201)
  }
  await send(kept)
  await send(loose)
  await owner.push(
    sendMessage(workspaceId, sessionId, [{ sha256: sha(kept), size: 20, type: 'image/png', name: 'a.png' }]),
  )
  await new Promise((resolve) => setTimeout(resolve, 5))
  const before = Date.now()
  await new Promise((resolve) => setTimeout(resolve, 5))
  await send(late)
  await first.kill('SIGKILL')
  const store = await openStore(place)
  const files = new BlobFiles(path.join(place.folder, 'blobs'))
  const blobs = new Blobs(store, files)
  const listed = await blobs.collect(workspaceId, before, true)
  expect(listed).toMatchObject({ unreferenced: [{ sha256: sha(loose) }], bytes: 30, removed: false })
  expect(await files.count(workspaceId)).toBe(3)
  await blobs.collect(workspaceId, before, false)
  expect(await blobs.find(workspaceId, sha(loose))).toBeUndefined()
  expect(await files.count(workspaceId)).toBe(2)
  await store.close()
  await place.remove()
})

test('a command whose file is not here is refused as blob_missing, with what is built on it; offered again with the file it is done, in order', async () => {
  const { owner, workspaceId } = await withSession(server)
  const bytes = randomBytes(50)
  const attachment = { sha256: sha(bytes), size: 50, type: 'image/png', name: 'a.png' }
  const sessionId = newId()
  const made = createSession(workspaceId, sessionId)
  const message = { messageId: newId(), text: 'See this.', attachments: [attachment] }
  const creation = { ...made, data: { ...made.data, message } }
  const built = { ...renameSession(workspaceId, sessionId, 'Later'), dependsOn: [creation.id] }
  const free = createSession(workspaceId, newId())
  const codes = (results: readonly Receipt['result'][]): string[] =>
    results.map((result) => (result.kind === 'refused' ? result.refusal.code : result.kind))
  const all = (): Promise<Receipt['result'][]> =>
    Promise.all([creation, built, free].map((command) => owner.push(command)))
  expect(codes(await all())).toEqual(['blob_missing', 'blob_missing', 'accepted'])
  expect((await put(workspaceId, sha(bytes), bytes, bearer(server.ownerToken))).status).toBe(201)
  const again = await all()
  expect(codes(again)).toEqual(['accepted', 'accepted', 'accepted'])
  // Once more: the same receipts, nothing twice.
  expect(await all()).toEqual(again)
  await owner.close()
})
