import fs from 'node:fs'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { newId, sessionStream, STREAMS, workspaceLog } from '@coppice/events'
import { fromClientSchema, invitationRequestSchema, tokenRequestSchema, type FromServer } from '@coppice/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { createSession, createWorkspace } from './testing/commands.ts'
import { freshDataFolder, type TestPlace } from './testing/data-folder.ts'
import { fromSchema, pick, type Shape } from './testing/from-schema.ts'
import { mutated } from './testing/mutate.ts'
import { seeded } from './testing/random.ts'
import { startServerProcess, type ServerProcess } from './testing/server-process.ts'
import { SyncClient } from './testing/sync-client.ts'

/** How many frames and requests; 100,000 by COPPICE_FUZZ. The seed by COPPICE_SEED, printed on failure. */
const COUNT = Number(process.env['COPPICE_FUZZ'] ?? 3_000)
const SEED = Number(process.env['COPPICE_SEED'] ?? Date.now() % 1_000_000)
/** Connections at a time. */
const WIDTH = 6
/** What a server that holds nothing of what it refused may hold more than before, bytes: caches fill up, code is compiled. */
const MOST_GROWTH = 5 * 1024 * 1024
const HEAP_PROBE = new URL('testing/heap-probe.ts', import.meta.url).pathname

let place: TestPlace
let server: ServerProcess
let runnerToken = ''
let heapFile = ''
const [workspaceId, sessionId] = [newId(), newId()]
const log = workspaceLog(workspaceId)
const words = [
  'instance',
  log,
  'user:u1',
  'session/s1',
  sessionStream(sessionId),
  'workspace',
  'log',
  sessionId,
  workspaceId,
  'a'.repeat(64),
  '0'.repeat(128),
  'x',
  'a message',
  'main',
  'session.created',
  'message.added',
  ...Object.values(STREAMS).flatMap((stream) => Object.keys(stream.commands)),
]

beforeAll(async () => {
  place = await freshDataFolder()
  heapFile = path.join(place.folder, 'heap-probe')
  const env = { HEAP_PROBE: heapFile }
  server = await startServerProcess(place, undefined, ['--port', '0'], { imports: [HEAP_PROBE], env })
  const owner = await SyncClient.connect(server.url, { token: server.ownerToken })
  await owner.push(createWorkspace(workspaceId, server.runnerId))
  await owner.push(createSession(workspaceId, sessionId))
  await owner.close()
  const made = await fetch(`${server.url}/api/tokens`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.ownerToken}` },
    body: JSON.stringify({ name: 'fuzz', kind: 'runner' }),
  })
  runnerToken = ((await made.json()) as { data: { token: string } }).data.token
})
afterAll(async () => {
  await server.kill('SIGKILL')
  await place.remove()
})

const inputShape = (schema: z.ZodType): Shape =>
  z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as unknown as Shape
const FRAME = inputShape(fromClientSchema)
const COMMANDS = Object.values(STREAMS).flatMap((stream) =>
  Object.entries(stream.commands as Record<string, z.ZodType>).map(([type, data]) => ({
    type,
    data: inputShape(data),
  })),
)

/** A message that fits the protocol; half of the commands in it fit their own schema too. */
function message(random: () => number): unknown {
  const made = fromSchema(FRAME, random, words)
  const { commands } = made as { commands?: Record<string, unknown>[] }
  for (const command of commands ?? []) {
    const of = pick(COMMANDS, random)
    if (of && random() < 0.7)
      Object.assign(command, {
        type: of.type,
        data: fromSchema(of.data, random, words),
        id: newId(),
        log,
        stream: sessionStream(sessionId),
      })
  }
  return made
}

/** What the server's own thread holds when all garbage is gone, bytes. */
async function heldBytes(): Promise<number> {
  fs.rmSync(heapFile, { force: true })
  server.child.kill('SIGUSR2')
  await expect.poll(() => fs.existsSync(heapFile)).toBe(true)
  return Number(fs.readFileSync(heapFile, 'utf8'))
}

/** Sends a frame and waits until it was dealt with: a pong came back, or the connection was closed with a reason. */
async function deliver(client: SyncClient, frame: string | Buffer, n: number): Promise<'open' | 'closed'> {
  client.forget()
  client.socket.send(frame)
  client.socket.send(JSON.stringify({ t: 'ping', n }))
  const isPong = (one: FromServer): boolean => one.t === 'pong' && one.n === n
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await pause(0)) {
    if (client.socket.readyState === client.socket.CLOSED) return 'closed'
    if (client.received.some(isPong)) return 'open'
  }
  throw new Error(`seed ${SEED}: no answer to ${String(frame).slice(0, 500)}`)
}

test(`[RL-6] ${COUNT} mutated frames get a typed refusal or are taken; nothing crashes, is reported or grows`, async () => {
  let left = COUNT
  let refused = 0
  let before: Promise<number> | undefined
  const work = async (lane: number): Promise<void> => {
    const random = seeded(SEED + lane)
    let client: SyncClient | undefined
    while (left > 0) {
      left -= 1
      if (left === Math.floor(COUNT * 0.8)) before = heldBytes()
      if (client === undefined) {
        const runner = random() < 0.3
        client = await SyncClient.open(server.url, { token: runner ? runnerToken : server.ownerToken })
        if (random() < 0.9) client.hello(runner ? { role: 'runner' } : {})
      }
      const text = mutated(message(random), random)
      const frame = random() < 0.02 ? Buffer.from(text) : text
      if ((await deliver(client, frame, left + 1)) === 'open') continue
      const why = client.received.find((one) => one.t === 'error')
      const { code, reason } = await client.closed
      expect(why?.t === 'error' ? why.code : reason, `seed ${SEED}: ${text.slice(0, 300)}`).not.toBe('')
      expect(why?.t === 'error' && why.code, `seed ${SEED}: ${text.slice(0, 1_000)}`).not.toBe('internal')
      expect(code).toBeGreaterThan(1_000)
      refused += 1
      client = undefined
    }
    await client?.close()
  }
  await Promise.all(Array.from({ length: WIDTH }, (_, lane) => work(lane)))
  expect({ exit: server.child.exitCode, said: server.said }).toEqual({ exit: null, said: [] })
  expect(refused).toBeGreaterThan(COUNT / 20)
  const growth = (await heldBytes()) - ((await before) ?? 0)
  process.stdout.write(
    `${refused} of ${COUNT} closed a connection; held ${Math.round(growth / 1024)} KiB more after the last 80 % of them\n`,
  )
  expect(growth).toBeLessThan(MOST_GROWTH)
}, 3_600_000)

const ROUTES = [
  '/api/me',
  '/api/tokens',
  '/api/tokens/x',
  '/api/tokens/%00',
  '/api/invitations',
  '/api/devices',
  '/api/backup',
  '/api/nothing',
  '/api/auth/get-session',
  '/api/auth/sign-out',
  '/api/auth/list-sessions',
  '/api/auth/revoke-session',
  '/streams/w1/s',
  `/streams/${workspaceId}/s`,
  `/streams/${workspaceId}/%00`,
  `/streams/${workspaceId}/..%2f..`,
  `/logs/${log}`,
  '/logs/instance',
  '/logs/%E0%A4%A',
  `/yjs/${workspaceId}/r`,
  '/join/x',
  '/join/%',
  '/join/%00',
  '/sync',
  '/health',
  '/assets/../../etc/passwd',
  '/%2e%2e/%2e%2e/etc/passwd',
  '/\u00e9',
  '/index.html',
]
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS']
const HEADER_VALUES = [
  '',
  '-1',
  '0',
  'x'.repeat(4_000),
  '999999999999999999999',
  'now',
  'application/json',
  '%00',
  '"é"',
]
const HEADERS = [
  'content-type',
  'stream-seq',
  'stream-closed',
  'stream-ttl',
  'stream-expires-at',
  'producer-id',
  'producer-epoch',
  'producer-seq',
  'if-none-match',
  'origin',
  'cookie',
  'range',
  'accept',
  'x-forwarded-for',
]
const BODIES = [inputShape(tokenRequestSchema), inputShape(invitationRequestSchema)]

/**
 * Asks as browsers do: an answer that wants nothing of a long body ends the connection, and who was about to use that one
 * again asks on another. A server that is down fails the second time, too.
 */
async function ask(url: string, request: RequestInit): Promise<Response> {
  try {
    return await fetch(url, request)
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined
    if (!(
      cause instanceof Error &&
      'code' in cause &&
      ['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'].includes(String(cause.code))
    ))
      throw error
    return fetch(url, request)
  }
}

test(`[RL-6] ${COUNT} hostile requests to every route are answered below 500, and nothing is reported`, async () => {
  let left = COUNT
  const tokens = [server.ownerToken, runnerToken, '', 'nobody', 'x'.repeat(2_000)]
  const work = async (lane: number): Promise<void> => {
    const random = seeded(SEED + 100 + lane)
    while (left > 0) {
      left -= 1
      const method = pick(METHODS, random) ?? 'GET'
      const query =
        random() < 0.3
          ? `?offset=${pick(HEADER_VALUES, random) ?? ''}&live=${pick(['', 'sse0', 'x'], random) ?? ''}`
          : ''
      const path = (pick(ROUTES, random) ?? '/') + query
      const headers: Record<string, string> = { authorization: `Bearer ${pick(tokens, random) ?? ''}` }
      for (const name of HEADERS) if (random() < 0.1) headers[name] = pick(HEADER_VALUES.slice(0, -1), random) ?? ''
      const body = ['GET', 'HEAD'].includes(method)
        ? undefined
        : mutated(fromSchema(pick(BODIES, random) ?? {}, random, words), random)
      const answer = await ask(server.url + path, { method, headers, redirect: 'manual', ...(body && { body }) })
      const text = await answer.text()
      expect(
        answer.status,
        `seed ${SEED}: ${method} ${path} ${JSON.stringify(headers)} ${String(body)} ${text}`,
      ).toBeLessThan(500)
      if (path.startsWith('/api/') && !path.startsWith('/api/auth') && method !== 'HEAD')
        expect(JSON.parse(text)).toHaveProperty('ok')
    }
  }
  await Promise.all(Array.from({ length: WIDTH }, (_, lane) => work(lane)))
  expect({ exit: server.child.exitCode, said: server.said }).toEqual({ exit: null, said: [] })
}, 3_600_000)
