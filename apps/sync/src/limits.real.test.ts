import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { newId, sessionStream, LIMITS as EVENT_LIMITS } from '@coppice/events'
import type { FromClient, FromServer } from '@coppice/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { LIMITS } from './limits.ts'
import { createSession } from './testing/commands.ts'
import { SyncClient, type ConnectedClient } from './testing/sync-client.ts'
import { startTestServer, withSession, type TestServer } from './testing/test-server.ts'

let server: TestServer
let of: Awaited<ReturnType<typeof withSession>>
beforeAll(async () => {
  server = await startTestServer()
  of = await withSession(server)
})
afterAll(async () => {
  await of.owner.close()
  await server.stop()
})

const asOwner = (): Promise<ConnectedClient> => SyncClient.connect(server.url, { token: server.ownerToken })
const asRunner = (): Promise<ConnectedClient> =>
  SyncClient.connect(server.url, { token: server.runnerToken }, { role: 'runner' })
const times = (count: number, make: (n: number) => FromClient) => Array.from({ length: count }, (_, n) => make(n))
const burst = (eachSecond: number): number => eachSecond * LIMITS.rateSeconds * 2
const head = (log: string) => {
  const [root, signature] = ['0'.repeat(64), '0'.repeat(128)]
  return { log, epoch: 'e', size: 1, root, at: 1, keyId: 'k', signature }
}
interface Case {
  readonly name: string
  readonly by: () => Promise<ConnectedClient>
  readonly send: () => readonly FromClient[]
  /** The words of the refusal in an answer. */
  readonly said: (answer: FromServer) => string | undefined
  readonly says: string
}
const inError = (answer: FromServer): string | undefined => (answer.t === 'error' ? answer.message : undefined)

const CASES: readonly Case[] = [
  {
    name: 'liveEachSecond',
    by: asRunner,
    send: () =>
      times(burst(LIMITS.liveEachSecond), () => ({ t: 'live', log: of.log, session: of.sessionId, items: [] })),
    said: inError,
    says: 'This one was left out.',
  },
  {
    name: 'queriesEachSecond',
    by: asOwner,
    send: () =>
      times(burst(LIMITS.queriesEachSecond), (n) => ({
        t: 'query',
        id: `q${n}`,
        log: of.log,
        request: { kind: 'repository.branches' },
      })),
    said: (answer) => (answer.t === 'queryResult' ? String(answer.answer['message']) : undefined),
    says: 'This one was left out.',
  },
  {
    name: 'headsEachSecond',
    by: asOwner,
    send: () => times(burst(LIMITS.headsEachSecond), () => ({ t: 'headSeen', head: head(of.log) })),
    said: inError,
    says: 'This one was left out.',
  },
  {
    name: 'proofsEachSecond',
    by: asOwner,
    send: () => times(burst(LIMITS.proofsEachSecond), (n) => ({ t: 'prove', id: `p${n}`, log: of.log, size: 1 })),
    said: (answer) => (answer.t === 'proof' ? answer.problem : undefined),
    says: 'This one was left out.',
  },
  {
    name: 'requestsEachSecond',
    by: asOwner,
    send: () => times(burst(LIMITS.requestsEachSecond), () => ({ t: 'unsubscribe', log: 'workspace:none' })),
    said: inError,
    says: 'This one was left out.',
  },
]

test.each(CASES)(
  '[SY-7] past $name a connection is told so, by the limit’s name',
  async ({ name, by, send, said, says }) => {
    const client = await by()
    for (const message of send()) client.send(message)
    await expect.poll(() => client.received.map(said).find((text) => text?.includes(`(${name})`))).toContain(says)
    await client.close()
    expect(server.reports).toEqual([])
  },
)

test('[SY-7] a frame past frameBytes closes the connection with the limit', async () => {
  const client = await asOwner()
  client.socket.send('x'.repeat(LIMITS.frameBytes + 1))
  expect(await client.next('error')).toMatchObject({ code: 'too_large', message: expect.stringContaining('8 MiB') })
  await client.closed
})

test('[SY-7] whoever sends too much to a stream, slowly, hears so: the connection is not cut under the answer', async () => {
  const { owner, workspaceId } = await withSession(server)
  const headers = { authorization: `Bearer ${server.ownerToken}`, 'content-type': 'text/plain' }
  const stream = `${server.url}/streams/${workspaceId}/much`
  expect((await fetch(stream, { method: 'PUT', headers })).status).toBe(201)
  const half = Buffer.alloc(LIMITS.streamAppendBytes, 'x')
  const asking = request(stream, { method: 'POST', headers: { ...headers, 'content-length': 2 * half.length } })
  let [sent, early] = [false, false]
  // An answer before the end of the request is one that a cut connection can take along.
  asking.once('response', () => (early = !sent))
  const answered = once(asking, 'response') as Promise<[IncomingMessage]>
  asking.write(half)
  await pause(1_500)
  sent = true
  asking.end(half)
  const [answer] = await answered
  expect(answer.statusCode).toBe(413)
  expect(String(await answer.toArray())).toContain('at most 4 MiB')
  expect(early).toBe(false)
  await owner.close()
})

test('[SY-7] a request past requestBytes is answered 413 with the limit', async () => {
  const answer = await fetch(`${server.url}/api/tokens`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.ownerToken}`, connection: 'close' },
    body: 'x'.repeat(LIMITS.requestBytes + 1),
  })
  expect(answer.status).toBe(413)
  expect(await answer.text()).toContain('256 KiB')
})

test('[EV-8] a command whose event would be larger than eventBytes is refused with the limit, and its neighbours are not', async () => {
  const client = await asOwner()
  const long = createSession(of.workspaceId, newId(), 'é'.repeat(EVENT_LIMITS.eventBytes / 2 + 1))
  const fine = createSession(of.workspaceId, newId(), 'short')
  client.send({ t: 'push', commands: [long, fine] })
  const [refused, taken] = [
    await client.next('receipt', ({ commandId }) => commandId === long.id),
    await client.next('receipt', ({ commandId }) => commandId === fine.id),
  ]
  expect(refused.result).toMatchObject({
    kind: 'refused',
    refusal: { message: expect.stringMatching(/KiB|bytes|characters/) },
  })
  expect(taken.result.kind).toBe('accepted')
  await client.close()
})

test('[SY-7] data nested deeper than payloadDepth is refused with the limit', async () => {
  const client = await asOwner()
  let data: Record<string, unknown> = {}
  for (let depth = 0; depth <= EVENT_LIMITS.payloadDepth; depth += 1) data = { data }
  const command = { ...createSession(of.workspaceId, newId()), stream: sessionStream('s'), data }
  client.send({ t: 'push', commands: [command] })
  expect((await client.next('error')).message).toContain(`nested deeper than ${EVENT_LIMITS.payloadDepth} levels`)
})

test('[SY-7] signing in is tried so often from one address, and no more', async () => {
  const asked = Array.from({ length: LIMITS.signInsEachSecond * LIMITS.rateSeconds * 2 }, () =>
    fetch(`${server.url}/join/x`),
  )
  const answers = await Promise.all(asked)
  const refused = answers.find(({ status }) => status === 429)
  expect(refused?.headers.get('retry-after')).toBe('1')
  expect(await refused?.text()).toContain('signInsEachSecond')
  expect(answers.some(({ status }) => status === 410)).toBe(true)
})
