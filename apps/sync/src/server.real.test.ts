import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import { newId, workspaceLog } from '@coppice/events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createWorkspace, renameSession } from './testing/commands.ts'
import { SyncClient } from './testing/sync-client.ts'
import { databaseText } from './testing/postgres-server.ts'
import { openLink, startTestServer, withSession, type TestServer } from './testing/test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(async () => {
  expect(server.reports).toEqual([])
  await server.stop()
})

interface Answer {
  status: number
  body: { ok: boolean; code?: string; error?: string; data?: unknown }
  /** The data, where it is an object. */
  data: Record<string, unknown>
}

async function call(
  method: string,
  path: string,
  by: { token?: string; cookie?: string; origin?: string },
  body?: unknown,
): Promise<Answer> {
  const answer = await fetch(server.url + path, {
    method,
    headers: {
      ...(by.token && { authorization: `Bearer ${by.token}` }),
      ...(by.cookie && { cookie: by.cookie }),
      ...(by.origin && { origin: by.origin }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const parsed = (await answer.json()) as Answer['body']
  return { status: answer.status, body: parsed, data: (parsed.data ?? {}) as Record<string, unknown> }
}
const owner = () => ({ token: server.ownerToken })

test('[AC-1] the first start makes an owner by a one-time link: it asks a name, signs in, and works once', async () => {
  const looked = await fetch(server.url + server.joinPath)
  expect(looked.status).toBe(200)
  expect(await looked.text()).toContain('Under which name')
  const { status, cookie } = await openLink(server.url, server.joinPath, 'Mara')
  expect(status).toBe(303)
  const me = await call('GET', '/api/me', { cookie })
  expect(me.body.data).toMatchObject({ name: 'Mara', role: 'owner' })
  const again = await openLink(server.url, server.joinPath, 'Eve')
  expect(again.status).toBe(410)
  expect(again.text).toContain('coppice link')
  expect((await fetch(server.url + server.joinPath)).status).toBe(410)
})

test('[AC-1] without sign-in there is nothing but the page: no API, no socket', async () => {
  expect((await call('GET', '/api/me', {})).status).toBe(401)
  expect((await call('GET', '/api/me', { token: 'coppice_api_wrong' })).status).toBe(401)
  const stranger = await SyncClient.open(server.url, {})
  expect(await stranger.next('error')).toMatchObject({ code: 'unauthorized', fatal: true })
  expect((await stranger.closed).code).toBe(4401)
})

test('[AC-1] an invitation link makes a member of one workspace, once; what they may do follows their role', async () => {
  const { owner: mara, workspaceId, sessionId, log } = await withSession(server)
  const invited = await call('POST', '/api/invitations', owner(), { workspaceId, role: 'viewer' })
  const link = new URL(String(invited.data['link']))
  const joined = await openLink(server.url, link.pathname, 'Ben')
  expect(joined.status).toBe(303)
  expect((await openLink(server.url, link.pathname, 'Eve')).status).toBe(410)
  const ben = await SyncClient.connect(server.url, { cookie: joined.cookie })
  expect(ben.welcome.logs.map((one) => [one.log.split(':')[0], one.role])).toEqual([
    ['instance', 'viewer'],
    ['user', undefined],
    ['workspace', 'viewer'],
  ])
  expect(await ben.push(renameSession(workspaceId, sessionId, 'Mine'))).toMatchObject({
    refusal: { code: 'forbidden' },
  })
  expect(await ben.push(createWorkspace(newId(), server.runnerId))).toMatchObject({ refusal: { code: 'forbidden' } })
  expect(
    (
      await call(
        'POST',
        '/api/invitations',
        { cookie: joined.cookie, origin: server.url },
        { workspaceId, role: 'viewer' },
      )
    ).status,
  ).toBe(403)
  ben.subscribe(log)
  expect((await ben.eventsUpTo(log, 3)).map((event) => event.type)).toContain('session.created')
  // Somebody who is signed in already joins as who they are.
  const second = await withSession(server)
  const again = await call('POST', '/api/invitations', owner(), { workspaceId: second.workspaceId, role: 'member' })
  await openLink(server.url, new URL(String(again.data['link'])).pathname, 'ignored', joined.cookie)
  const access = await ben.next('access', (message) => message.logs.some((one) => one.log === second.log))
  expect(access.logs.find((one) => one.log === second.log)?.role).toBe('member')
  await Promise.all([mara.close(), ben.close(), second.owner.close()])
})

test('a revoked invitation says so and makes nobody', async () => {
  const { owner: mara, workspaceId, log } = await withSession(server)
  const invited = await call('POST', '/api/invitations', owner(), { workspaceId, role: 'member' })
  const { invitationId, link } = invited.data as { invitationId: string; link: string }
  const revoke = { ...createWorkspace(workspaceId, 'r'), type: 'workspace.revokeInvitation', data: { invitationId } }
  expect((await mara.push(revoke)).kind).toBe('accepted')
  const opened = await openLink(server.url, new URL(link).pathname, 'Eve')
  expect(opened.status).toBe(410)
  expect(opened.text).toContain('revoked')
  mara.subscribe(log)
  const events = await mara.eventsUpTo(log, 5)
  expect(events.filter((event) => event.type === 'workspace.memberAdded')).toHaveLength(1)
  await mara.close()
})

test('[AC-3] tokens are shown once, listed without their secret, scoped, and end at once when revoked', async () => {
  const made = await call('POST', '/api/tokens', owner(), { name: 'ci', kind: 'api' })
  const { token, tokenId, start } = made.data as { token: string; tokenId: string; start: string }
  const listed = await call('GET', '/api/tokens', owner())
  expect(JSON.stringify(listed.body)).not.toContain(token)
  expect((listed.body.data as { tokenId: string }[]).find((one) => one.tokenId === tokenId)).toMatchObject({
    name: 'ci',
    kind: 'api',
    start,
  })
  expect(token.startsWith(start)).toBe(true)
  const program = await SyncClient.connect(server.url, { token })
  expect((await call('DELETE', `/api/tokens/${tokenId}`, owner())).status).toBe(200)
  expect(await program.next('error')).toMatchObject({ code: 'unauthorized', fatal: true })
  expect((await call('GET', '/api/me', { token })).status).toBe(401)
})

test('[AC-3] a runner token is for a runner only, and an API token for no runner', async () => {
  expect((await call('GET', '/api/me', { token: server.runnerToken })).status).toBe(403)
  const posing = await SyncClient.open(server.url, { token: server.runnerToken })
  posing.hello({ role: 'client' })
  expect(await posing.next('error')).toMatchObject({ code: 'forbidden', fatal: true })
  const program = await SyncClient.open(server.url, { token: server.ownerToken })
  program.hello({ role: 'runner' })
  expect(await program.next('error')).toMatchObject({ code: 'forbidden', fatal: true })
})

test('[AC-3] tokens and links are stored hashed: none is in the data folder or the database', async () => {
  const made = await call('POST', '/api/tokens', owner(), { name: 'remote', kind: 'runner' })
  const { token } = made.data as { token: string }
  const device = await call('POST', '/api/devices', owner())
  const link = String(device.data['link']).split('/').at(-1) ?? ''
  const { databaseUrl } = server.place
  if (databaseUrl !== undefined)
    fs.writeFileSync(`${server.folder}/database.xml`, await databaseText(databaseUrl), { mode: 0o600 })
  const search = (secret: string): string[] => {
    const found = spawnSync('grep', ['-rlaF', secret, server.folder], { encoding: 'utf8' })
    return found.stdout.split('\n').filter((line) => line !== '')
  }
  expect(search('remote')).not.toEqual([])
  for (const secret of [token, link]) expect(search(secret)).toEqual([])
  // But for those of this machine's own command line and runner, in files that only their user may read.
  const own = ['access.json', 'local-tokens.json'].map((name) => `${server.folder}/${name}`)
  for (const secret of [server.ownerToken, server.runnerToken]) {
    const files = search(secret)
    expect(files).not.toEqual([])
    for (const file of files) {
      expect(own).toContain(file)
      expect(fs.statSync(file).mode & 0o777).toBe(0o600)
    }
  }
})

test('a foreign page can do nothing with a cookie: neither by a request nor by a socket', async () => {
  const device = await call('POST', '/api/devices', owner())
  const { cookie } = await openLink(server.url, new URL(String(device.data['link'])).pathname, 'x')
  const evil = { cookie, origin: 'http://evil.example' }
  expect((await call('POST', '/api/devices', evil)).status).toBe(403)
  expect((await call('POST', '/api/devices', { cookie })).status).toBe(403)
  expect((await call('POST', '/api/devices', { cookie, origin: server.url })).status).toBe(200)
  await expect(SyncClient.open(server.url, { cookie, origin: 'http://evil.example' })).rejects.toThrow('403')
  const own = await SyncClient.open(server.url, { cookie, origin: server.url })
  own.hello()
  await own.next('welcome')
  // Signing out ends the sockets too.
  const headers = { cookie, origin: server.url, 'content-type': 'application/json' }
  const out = await fetch(`${server.url}/api/auth/sign-out`, { method: 'POST', headers, body: '{}' })
  expect(out.status).toBe(200)
  expect(await own.next('error')).toMatchObject({ code: 'unauthorized' })
})

test('the web app is served: its page for every path, hashed files for good, under a strict policy', async () => {
  const page = await fetch(`${server.url}/s/some-session`)
  expect(page.status).toBe(200)
  expect(page.headers.get('cache-control')).toBe('no-cache')
  const policy = page.headers.get('content-security-policy') ?? ''
  expect(policy).toContain("script-src 'self' 'wasm-unsafe-eval'")
  expect(policy).not.toContain("'unsafe-eval'")
  expect(policy).not.toMatch(/script-src[^;]*unsafe-inline/)
  expect(policy).toContain("frame-ancestors 'none'")
  const script = await fetch(`${server.url}/assets/app-B1a2c3d4.js`)
  expect(script.headers.get('cache-control')).toContain('immutable')
  expect(script.headers.get('content-type')).toContain('javascript')
  expect((await fetch(`${server.url}/assets/missing-B1a2c3d4.js`)).status).toBe(404)
  expect((await fetch(`${server.url}/..%2fcookie-secret`)).status).toBe(404)
  expect((await fetch(`${server.url}/health`)).status).toBe(200)
})

test('people, tokens and the local runner outlive a restart; the link of the next start signs the owner in again', async () => {
  const made = await call('POST', '/api/tokens', owner(), { name: 'lasting', kind: 'api' })
  const { token } = made.data as { token: string }
  const { workspaceId } = await withSession(server)
  const { ownerToken, runnerToken } = server
  server = await server.restart()
  expect((await call('GET', '/api/me', { token })).body.data).toMatchObject({ name: 'Mara', role: 'owner' })
  expect(server).toMatchObject({ ownerToken, runnerToken })
  const { cookie } = await openLink(server.url, server.joinPath, '')
  expect(cookie).not.toBe('')
  const mara = await SyncClient.connect(server.url, { cookie })
  expect(mara.welcome.logs.map((one) => one.log)).toContain(workspaceLog(workspaceId))
  await mara.close()
})
