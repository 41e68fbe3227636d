import { makeCommand, newId, WORKSPACE_STREAM, workspaceLog } from '@coppice/events'
import { stream } from '@durable-streams/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSession, createWorkspace, renameSession } from '../testing/commands.ts'
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

const send = (method: string, url: string, by: By, body?: string | Uint8Array, headers: By = {}): Promise<Response> =>
  fetch(url, {
    method,
    headers: { 'content-type': 'text/plain', ...by, ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : new Uint8Array(body) }),
  })

test('[AC-2] members read a stream, the runner and admins write it, a run’s record only the runner; strangers learn nothing', async () => {
  const { owner, workspaceId } = await withSession(server)
  const elsewhere = await withSession(server)
  const [viewer, member, admin, stranger] = await Promise.all([
    invited(server, workspaceId, 'viewer'),
    invited(server, workspaceId, 'member'),
    invited(server, workspaceId, 'admin'),
    invited(server, elsewhere.workspaceId, 'admin'),
  ])
  const asProducer = (epoch: number): By => ({
    'producer-id': server.runnerId,
    'producer-epoch': String(epoch),
    'producer-seq': '0',
  })
  const who: [string, By][] = [
    ['nobody', {}],
    ['stranger', stranger.by],
    ['viewer', viewer.by],
    ['member', member.by],
    ['admin', admin.by],
    ['owner', bearer(server.ownerToken)],
    ['runner', bearer(server.runnerToken)],
  ]
  const seen: Record<string, Record<string, number[]>> = {}
  for (const kind of ['runs', 'notes']) {
    const there = `${server.url}/streams/${workspaceId}/${kind}/there`
    expect((await send('PUT', there, bearer(server.runnerToken), 'x')).status).toBe(201)
    for (const [name, by] of who) {
      const own = `${server.url}/streams/${workspaceId}/${kind}/of-${name}`
      const statuses: number[] = []
      for (const [method, url, body] of [
        ['GET', there],
        ['HEAD', there],
        ['POST', there, 'y'],
        ['PUT', own, 'z'],
        ['DELETE', own],
      ] as const)
        statuses.push(
          (await send(method, url, by, body, method === 'POST' && name === 'runner' ? asProducer(1) : {})).status,
        )
      ;(seen[kind] ??= {})[name] = statuses
    }
  }
  const [reads, writes, produces] = [
    [200, 200, 403, 403, 403],
    [200, 200, 204, 201, 204],
    [200, 200, 200, 201, 204],
  ]
  const none = { nobody: [401, 401, 401, 401, 401], stranger: [404, 404, 404, 404, 404] }
  expect(seen).toEqual({
    runs: { ...none, viewer: reads, member: reads, admin: reads, owner: reads, runner: produces },
    notes: { ...none, viewer: reads, member: reads, admin: writes, owner: writes, runner: produces },
  })
  // A runner speaks as itself, and not from before its last connection.
  const record = `${server.url}/streams/${workspaceId}/runs/there`
  const runner = bearer(server.runnerToken)
  expect((await send('POST', record, runner, 'y')).status).toBe(400)
  expect((await send('POST', record, runner, 'y', { ...asProducer(2), 'producer-id': 'other' })).status).toBe(400)
  const connected = await SyncClient.connect(server.url, { token: server.runnerToken }, { role: 'runner' })
  const again = await SyncClient.connect(server.url, { token: server.runnerToken }, { role: 'runner' })
  const epoch = again.welcome.producerEpoch ?? 0
  expect((await send('POST', record, runner, 'y', asProducer(epoch - 1))).status).toBe(403)
  expect((await send('POST', record, runner, 'y', asProducer(epoch + 1))).status).toBe(200)
  await Promise.all([connected.close(), again.close()])
  // A stranger is told the same of what is there and of what is not.
  const texts = await Promise.all(
    [`${workspaceId}/runs/there`, `${workspaceId}/runs/not`, `${newId()}/runs/there`].map(async (path) =>
      (await send('GET', `${server.url}/streams/${path}`, stranger.by)).text(),
    ),
  )
  expect(new Set(texts).size).toBe(1)
  await Promise.all([owner.close(), elsewhere.owner.close()])
})

test('what somebody wrote under a type of their choosing runs nowhere in our origin', async () => {
  const { owner, workspaceId } = await withSession(server)
  const by = bearer(server.ownerToken)
  const url = `${server.url}/streams/${workspaceId}/page`
  await send('PUT', url, by, '<script>alert(1)</script>', { 'content-type': 'text/html' })
  const page = await send('GET', url, by)
  expect(page.headers.get('content-security-policy')).toBe("default-src 'none'; sandbox")
  expect(page.headers.get('x-content-type-options')).toBe('nosniff')
  expect((await send('GET', url, by, undefined, { 'sec-fetch-dest': 'script' })).status).toBe(403)
  // A page of another site that sends a person's cookie along changes nothing.
  const admin = await invited(server, workspaceId, 'admin')
  expect((await send('DELETE', url, { ...admin.by, origin: 'http://elsewhere.example' })).status).toBe(403)
  await owner.close()
})

test('a reader who is put out of the workspace gets nothing more, not even on a stream that is open already', async () => {
  const { owner, workspaceId } = await withSession(server)
  const viewer = await invited(server, workspaceId, 'viewer')
  const url = `${server.url}/streams/${workspaceId}/tail`
  await send('PUT', url, bearer(server.ownerToken), 'before')
  const events = await fetch(`${url}?offset=-1&live=sse`, { headers: viewer.by })
  const reader = (events.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream()).getReader()
  expect((await reader.read()).value).toContain('before')
  const address = { log: workspaceLog(workspaceId), stream: WORKSPACE_STREAM }
  const put = makeCommand(address, 'workspace.removeMember', { userId: viewer.id }, { id: newId(), now: Date.now() })
  expect((await owner.push(put)).kind).toBe('accepted')
  await send('POST', url, bearer(server.ownerToken), 'after')
  expect(await reader.read()).toEqual({ done: true, value: undefined })
  await owner.close()
})

test('limits are answers: too much at once, too long a name, a live read too many, no subscriptions', async () => {
  const { owner, workspaceId } = await withSession(server)
  const by = bearer(server.ownerToken)
  const base = `${server.url}/streams/${workspaceId}`
  await send('PUT', `${base}/a`, by)
  expect((await send('POST', `${base}/a`, by, new Uint8Array(4 * 1024 * 1024 + 1))).status).toBe(413)
  expect((await send('PUT', `${base}/${'x'.repeat(300)}`, by)).status).toBe(400)
  expect((await send('PUT', `${base}/__ds/subscriptions/x`, by)).status).toBe(501)
  const tooMany = new AbortController()
  const polls = Array.from({ length: 210 }, () =>
    fetch(`${base}/a?offset=now&live=long-poll`, { headers: by, signal: tooMany.signal }),
  )
  const refused = await Promise.race(polls)
  expect(refused.status).toBe(429)
  tooMany.abort()
  await Promise.allSettled(polls)
  await owner.close()
})

test('a stream that was deleted or has expired says so', async () => {
  const { owner, workspaceId } = await withSession(server)
  const by = bearer(server.ownerToken)
  const base = `${server.url}/streams/${workspaceId}`
  await send('PUT', `${base}/a`, by, 'x')
  await send('DELETE', `${base}/a`, by)
  await send('PUT', `${base}/b`, by, 'x', { 'stream-ttl': '0' })
  const said = async (name: string): Promise<unknown> => (await send('GET', `${base}/${name}`, by)).json()
  expect(await said('a')).toMatchObject({ code: 'deleted' })
  expect(await said('b')).toMatchObject({ code: 'expired' })
  expect(await said('c')).toMatchObject({ code: 'not_found' })
  await owner.close()
})

test('[SY-6] a log is read and tailed by the protocol’s own client, and written by nobody', async () => {
  const { owner, workspaceId, sessionId, log } = await withSession(server)
  const url = `${server.url}/logs/${log}`
  const headers = { Authorization: `Bearer ${server.ownerToken}` }
  const response = await stream<{ position: number; type: string }>({ url, offset: '-1', headers, live: true })
  const types: string[] = []
  const { promise: renamed, resolve } = Promise.withResolvers<void>()
  response.subscribeJson(async (batch) => {
    for (const event of batch.items) types[event.position - 1] = event.type
    if (types.includes('session.renamed')) resolve()
  })
  await owner.push(createSession(workspaceId, newId()))
  await owner.push(renameSession(workspaceId, sessionId, 'Told'))
  await renamed
  expect(types).toEqual([
    'workspace.created',
    'workspace.memberAdded',
    'session.created',
    'session.created',
    'session.renamed',
  ])
  response.cancel()
  const later = await fetch(`${url}?offset=0000000000000000_0000000000000003`, { headers })
  expect((await later.json()) as unknown[]).toHaveLength(2)
  expect((await send('POST', url, headers, '{}')).status).toBe(405)
  const stranger = await invited(server, (await withSession(server)).workspaceId, 'admin')
  expect((await send('GET', url, stranger.by)).status).toBe(404)
  await owner.close()
})

test('[SY-6] what was acknowledged is there after a kill, and the producer goes on where it was', async () => {
  const place = await freshDataFolder()
  const first = await startServerProcess(place)
  const owner = await SyncClient.connect(first.url, { token: first.ownerToken })
  const workspaceId = newId()
  await owner.push(createWorkspace(workspaceId, first.runnerId))
  const path = `/streams/${workspaceId}/record`
  const by = bearer(first.ownerToken)
  await send('PUT', first.url + path, by)
  const turn = (seq: number): By => ({ 'producer-id': 'p', 'producer-epoch': '1', 'producer-seq': String(seq) })
  for (let seq = 0; seq < 20; seq += 1)
    expect((await send('POST', first.url + path, by, `${seq};`, turn(seq))).status).toBe(200)
  await first.kill('SIGKILL')
  const second = await startServerProcess(place)
  const again = bearer(second.ownerToken)
  expect((await send('POST', second.url + path, again, '19;', turn(19))).status).toBe(204)
  expect((await send('POST', second.url + path, again, '20;', turn(20))).status).toBe(200)
  const text = await (await send('GET', second.url + path, again)).text()
  expect(text).toBe(Array.from({ length: 21 }, (_, seq) => `${seq};`).join(''))
  await second.kill('SIGTERM')
  await place.remove()
})
