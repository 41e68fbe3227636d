import http from 'node:http'
import { newId, WORKSPACE_STREAM } from '@coppice/events'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { House, type SessionInHouse } from './house.ts'

const PATIENCE = 60_000
const devServer = new URL('dev-server.ts', import.meta.url).pathname

let house: House
let session: SessionInHouse
let port = 0
beforeAll(async () => {
  house = await House.open()
  session = await house.session(undefined)
  await session.until('worktree.ready', 1, PATIENCE)
  const [taskId, runId] = [newId(), newId()]
  await house.command(WORKSPACE_STREAM, 'workspace.setTask', {
    taskId,
    name: 'Dev server',
    kind: 'start',
    folder: '',
    script: `${process.execPath} ${devServer}`,
    environment: [],
  })
  await session.command('task.start', { runId, taskId, name: 'Dev server', kind: 'start' })
  const started = await session.until('process.started', 1, PATIENCE)
  port = (started.data['ports'] as { first: number }).first
  await vi.waitFor(
    async () =>
      expect(await house.query({ kind: 'ports', sessionId: session.id })).toEqual({
        ok: true,
        ports: [{ port, process: expect.any(String) as string }],
      }),
    { timeout: PATIENCE, interval: 200 },
  )
})
afterAll(() => house[Symbol.asyncDispose]())

const owner = (): Record<string, string> => ({ authorization: `Bearer ${house.started.ownerToken}` })

function preview(
  headers: Record<string, string>,
  of: Partial<{ sessionId: string; port: number }> = {},
): Promise<Response> {
  return fetch(`${house.started.url}/api/previews`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ workspaceId: house.workspaceId, sessionId: session.id, port, ...of }),
  })
}

const linkOf = async (answer: Response): Promise<URL> =>
  new URL(((await answer.json()) as { data: { url: string } }).data.url)

type Got = { status: number; headers: http.IncomingHttpHeaders; text: string }

/** Asks as a browser does that leads names under localhost to this machine. */
function ask(url: URL, options: http.RequestOptions & { body?: string } = {}): Promise<Got> {
  return new Promise((resolve, reject) => {
    const { body, headers, ...rest } = options
    const asked = http.request(
      {
        host: '127.0.0.1',
        port: url.port,
        path: url.pathname + url.search,
        ...rest,
        headers: { host: url.host, ...headers },
      },
      (answer) => {
        let text = ''
        answer.on('data', (chunk: Buffer) => (text += chunk.toString()))
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }))
      },
    )
    asked.on('error', reject)
    asked.end(body)
  })
}

async function entered(): Promise<{ url: URL; cookie: string }> {
  const url = await linkOf(await preview(owner()))
  const answer = await ask(url)
  expect(answer.status).toBe(303)
  const [cookie = ''] = (answer.headers['set-cookie']?.[0] ?? '').split(';')
  return { url: new URL('/', url), cookie }
}

test('[TR-7] a dev server of a task is noticed by its port and opened through the server, with sign-in, under a name of its own', async () => {
  const { url, cookie } = await entered()
  expect(url.hostname).toMatch(/^[0-9a-f]{16}\.localhost$/)
  expect((await ask(url)).status).toBe(401)
  const headers = { cookie: `${cookie}; theme=dark; coppice-1.session_token=secret` }
  const got = await ask(new URL('/some/path?x=1', url), { method: 'POST', headers, body: 'hello' })
  expect(got.status).toBe(200)
  const seen = JSON.parse(got.text) as { headers: Record<string, string>; body: string; url: string; method: string }
  expect(seen).toMatchObject({ method: 'POST', url: '/some/path?x=1', body: 'hello' })
  expect(seen.headers).toMatchObject({ host: `localhost:${port}`, cookie: 'theme=dark' })
  expect(got.headers['set-cookie']).toEqual(['sid=1; Path=/'])
  expect((await ask(new URL('/away', url), { headers })).headers.location).toBe('/there')
  // Several at once, over kept connections.
  const many = await Promise.all(Array.from({ length: 20 }, (_, n) => ask(new URL(`/${n}`, url), { headers })))
  expect(many.map((one) => (JSON.parse(one.text) as { url: string }).url)).toEqual(many.map((_, n) => `/${n}`))
})

test('[TR-7] connections that upgrade are passed on, as a dev server’s own WebSocket needs them', async () => {
  const { url, cookie } = await entered()
  const upgraded = (origin: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const asked = http.request({
        host: '127.0.0.1',
        port: url.port,
        path: '/hmr',
        headers: { host: url.host, cookie, origin, connection: 'Upgrade', upgrade: 'websocket' },
      })
      asked.on('upgrade', (_answer, socket, head) => {
        let text = head.toString()
        socket.on('data', (chunk: Buffer) => {
          text += chunk.toString()
          if (text.includes('ping')) {
            socket.destroy()
            resolve(text)
          }
        })
        socket.write('ping')
      })
      asked.on('response', (answer) => resolve(String(answer.statusCode)))
      asked.on('error', reject)
      asked.end()
    })
  expect(await upgraded(url.origin)).toBe(`origin http://localhost:${port}\nping`)
  expect(await upgraded('http://elsewhere.example')).toBe('403')
})

test('[TR-7] a link works once and for its own preview; only ports of the session’s own processes are passed on', async () => {
  const link = await linkOf(await preview(owner()))
  expect((await ask(link)).status).toBe(303)
  expect((await ask(link)).status).toBe(410)
  const { url, cookie } = await entered()
  const otherName = new URL(url)
  otherName.hostname = `${'0'.repeat(16)}.localhost`
  expect((await ask(otherName, { headers: { cookie } })).status).toBe(401)
  // The server's own port is none of the session's.
  const own = await linkOf(await preview(owner(), { port: Number(new URL(house.started.url).port) }))
  const [ownCookie = ''] = ((await ask(own)).headers['set-cookie']?.[0] ?? '').split(';')
  const refused = await ask(new URL('/', own), { headers: { cookie: ownCookie } })
  expect(refused.status).toBe(502)
  expect(refused.text).toContain('Nothing of this session listens')
  expect((await preview({})).status).toBe(401)
  expect((await preview(owner(), { port: 0 })).status).toBe(400)
})

test('[RL-6] under a preview’s name nothing of Coppice answers, and scripts of other sites get nothing of either', async () => {
  const { url, cookie } = await entered()
  const me = await ask(new URL('/api/me', url), { headers: { cookie, ...owner() } })
  expect(JSON.parse(me.text)).toMatchObject({ url: '/api/me' })
  expect(me.text).not.toContain(house.started.ownerToken)
  for (const site of ['same-site', 'cross-site']) {
    const headers = { cookie, 'sec-fetch-site': site, 'sec-fetch-mode': 'no-cors' }
    expect((await ask(url, { headers })).status).toBe(403)
  }
  expect((await ask(url, { headers: { cookie, origin: 'http://elsewhere.example' } })).status).toBe(403)
  const followed = { cookie, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }
  expect((await ask(new URL('/page', url), { headers: followed })).status).toBe(200)
  // The app's side: with a cookie, a script of a preview may not even ask.
  const device = await fetch(`${house.started.url}/api/devices`, { method: 'POST', headers: owner() })
  const { data } = (await device.json()) as { data: { link: string } }
  const joined = await fetch(data.link, {
    method: 'POST',
    headers: { origin: house.started.url, 'content-type': 'application/x-www-form-urlencoded' },
    body: 'name=x',
    redirect: 'manual',
  })
  const mine = joined.headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .join('; ')
  const asApp = (headers: Record<string, string>): Promise<Got> =>
    ask(new URL('/api/me', house.started.url), { headers: { cookie: mine, ...headers } })
  expect((await asApp({})).status).toBe(200)
  expect((await asApp({ 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' })).status).toBe(403)
})
