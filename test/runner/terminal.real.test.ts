import { once } from 'node:events'
import { newId, WORKSPACE_STREAM } from '@coppice/events'
import { terminalNewsSchema, type TerminalInput, type TerminalNews } from '@coppice/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { House, isAlive, type SessionInHouse } from './house.ts'

const PATIENCE = 60_000

let house: House
beforeAll(async () => {
  house = await House.open({ SHELL: '/bin/sh', PS1: '> ' })
})
afterAll(() => house[Symbol.asyncDispose]())

/** A browser's end of a terminal. */
class Viewer {
  text = ''
  readonly news: TerminalNews[] = []
  readonly closed: Promise<[number, Buffer]>
  readonly #socket: WebSocket

  constructor(session: SessionInHouse, runId: string, headers: Record<string, string>) {
    const url = new URL(`/terminals/${house.workspaceId}/${session.id}/${runId}`, house.started.url)
    url.protocol = 'ws:'
    this.#socket = new WebSocket(url, { headers })
    this.#socket.on('message', (data, binary) => {
      if (binary) this.text += String(data)
      else this.news.push(terminalNewsSchema.parse(JSON.parse(String(data))))
    })
    this.closed = once(this.#socket, 'close') as Promise<[number, Buffer]>
    this.#socket.on('error', () => undefined)
  }

  send(input: TerminalInput): void {
    this.#socket.send(JSON.stringify(input))
  }

  close(): void {
    this.#socket.close()
  }

  has(text: string | RegExp): Promise<void> {
    return expect.poll(() => this.text, { timeout: PATIENCE }).toMatch(text)
  }

  begun(): Promise<void> {
    return expect.poll(() => this.news.length, { timeout: PATIENCE }).toBeGreaterThan(0)
  }
}

const owner = (): Record<string, string> => ({ authorization: `Bearer ${house.started.ownerToken}` })

async function quiet(): Promise<SessionInHouse> {
  const session = await house.session(undefined)
  await session.until('worktree.ready', 1, PATIENCE)
  return session
}

async function open(session: SessionInHouse): Promise<string> {
  const runId = newId()
  expect(await session.command('terminal.open', { runId })).toBeUndefined()
  await expect
    .poll(() => session.data('process.started').some((data) => data['runId'] === runId), { timeout: PATIENCE })
    .toBe(true)
  return runId
}

const ended = async (session: SessionInHouse, runId: string): Promise<Record<string, unknown>> => {
  await expect
    .poll(() => session.data('process.ended').some((data) => data['runId'] === runId), { timeout: PATIENCE })
    .toBe(true)
  return session.data('process.ended').find((data) => data['runId'] === runId) ?? {}
}

/** Somebody else, with a role in the workspace. */
async function person(role: 'viewer' | 'member'): Promise<Record<string, string>> {
  const invited = await fetch(`${house.started.url}/api/invitations`, {
    method: 'POST',
    headers: { ...owner(), 'content-type': 'application/json' },
    body: JSON.stringify({ workspaceId: house.workspaceId, role }),
  })
  const { data } = (await invited.json()) as { data: { link: string } }
  const path = new URL(data.link).pathname
  const joined = await fetch(house.started.url + path, {
    method: 'POST',
    headers: { origin: house.started.url, 'content-type': 'application/x-www-form-urlencoded' },
    body: 'name=Ben',
    redirect: 'manual',
  })
  return {
    cookie: joined.headers
      .getSetCookie()
      .map((one) => one.split(';')[0])
      .join('; '),
    origin: house.started.url,
  }
}

test('[TR-6] a member types into a real terminal in the worktree; it has a size, and its scroll-back is there for who comes later', async () => {
  const session = await quiet()
  const runId = await open(session)
  const one = new Viewer(session, runId, owner())
  await one.begun()
  expect(one.news[0]).toMatchObject({ k: 'begin', write: true })
  one.send({ k: 'size', columns: 91, rows: 27 })
  one.send({ k: 'input', text: 'pwd; tty; stty size; echo "port $COPPICE_PORT"\r' })
  await one.has(`${session.worktree}\r\n/dev/pts/`)
  await one.has(/27 91\r\n/)
  await one.has(/port 2\d{4}|port 3\d{4}/)
  one.close()
  const two = new Viewer(session, runId, owner())
  await two.has('27 91')
  expect(two.news[0]).toMatchObject({ k: 'begin', columns: 91, rows: 27 })
  two.send({ k: 'input', text: 'exit 7\r' })
  expect(await ended(session, runId)).toMatchObject({ status: 'completed', exitCode: 7 })
  expect((await two.closed)[0]).toBe(4404)
  const late = new Viewer(session, runId, owner())
  expect((await late.closed)[0]).toBe(4404)
})

test('[TR-6] viewers look on and cannot type; strangers and other sites learn nothing', async () => {
  const session = await quiet()
  const runId = await open(session)
  const mine = new Viewer(session, runId, owner())
  const viewer = new Viewer(session, runId, await person('viewer'))
  await Promise.all([mine.begun(), viewer.begun()])
  expect(viewer.news[0]).toMatchObject({ write: false })
  viewer.send({ k: 'input', text: 'echo from-the-viewer\r' })
  mine.send({ k: 'input', text: 'echo from-""-the-owner\r' })
  await viewer.has('from--the-owner')
  expect(mine.text).not.toContain('from-the-viewer')
  expect((await new Viewer(session, runId, {}).closed)[0]).toBe(4401)
  const headers = await person('member')
  await expect(
    once(
      new WebSocket(
        `${house.started.url.replace('http', 'ws')}/terminals/${house.workspaceId}/${session.id}/${runId}`,
        {
          headers: { ...headers, origin: 'http://elsewhere.example' },
        },
      ),
      'open',
    ),
  ).rejects.toThrow('403')
  expect((await new Viewer(session, newId(), owner()).closed)[0]).toBe(4404)
  mine.close()
})

test('[TR-6] ending a terminal ends all that runs in it; where the workspace forbids terminals none opens', async () => {
  const session = await quiet()
  const runId = await open(session)
  const mine = new Viewer(session, runId, owner())
  await mine.begun()
  mine.send({ k: 'input', text: `setsid sh -c 'echo "left $$"; exec sleep 600' & trap "" HUP; sleep 600\r` })
  await mine.has(/left \d+\r\n/)
  const pid = /left (\d+)\r\n/.exec(mine.text)?.[1] ?? ''
  expect(isAlive(pid)).toBe(true)
  await session.command('process.stop', { runId })
  expect(await ended(session, runId)).toMatchObject({ status: 'canceled' })
  await expect.poll(() => isAlive(pid)).toBe(false)

  await house.command(WORKSPACE_STREAM, 'workspace.setTerminals', { allowed: false })
  const other = newId()
  await session.command('terminal.open', { runId: other })
  expect(await ended(session, other)).toMatchObject({
    status: 'failed',
    message: expect.stringContaining('switched off') as string,
  })
  await house.command(WORKSPACE_STREAM, 'workspace.setTerminals', { allowed: true })
})

test('a terminal outlives the server; what it prints a lot of does not drown who looks', async () => {
  const session = await quiet()
  const runId = await open(session)
  const first = new Viewer(session, runId, owner())
  await first.begun()
  first.send({ k: 'input', text: 'MARK=kept; seq 1 200000; echo "the end"\r' })
  await first.has('the end\r\n')
  const port = Number(new URL(house.started.url).port)
  await house.stopServer('SIGKILL')
  await house.startServer(port)
  await expect
    .poll(
      async () => {
        const viewer = new Viewer(session, runId, owner())
        await Promise.race([viewer.begun(), viewer.closed])
        viewer.close()
        return viewer.news.length
      },
      { timeout: PATIENCE, interval: 500 },
    )
    .toBe(1)
  const again = new Viewer(session, runId, owner())
  await again.has('the end')
  expect(again.text.length).toBeLessThan(300 * 1024)
  again.send({ k: 'input', text: 'echo "still $MARK"\r' })
  await again.has('still kept')
  again.close()
})
