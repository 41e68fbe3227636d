import { INSTANCE_LOG, newId, runnerStream, userLog, workspaceLog, type AnyEvent } from '@coppice/events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { agentMessage, createSession, createWorkspace, renameSession } from '../testing/commands.ts'
import { invited } from '../testing/members.ts'
import { SyncClient } from '../testing/sync-client.ts'
import { openLink, startTestServer, withSession, type TestServer } from '../testing/test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(async () => {
  expect(server.reports).toEqual([])
  await server.stop()
})

const connectRunner = (clientId = newId()) =>
  SyncClient.connect(server.url, { token: server.runnerToken }, { role: 'runner', clientId })
const connectOwner = () => SyncClient.connect(server.url, { token: server.ownerToken })
const positions = (events: readonly AnyEvent[]) => events.map((event) => event.position)
const upTo = (head: number, from = 0) => Array.from({ length: head - from }, (_, index) => from + index + 1)

test('[EV-1] an action is an appended event: who acted, on what, when, and the actor is who signed in', async () => {
  const { owner, log, sessionId, workspaceId } = await withSession(server)
  const command = renameSession(workspaceId, sessionId, 'Ours')
  const occurredAt = Date.now() - 3_600_000
  const result = await owner.push({ ...command, occurredAt })
  expect(result.kind).toBe('accepted')
  owner.subscribe(log)
  const event = (await owner.eventsUpTo(log, 4)).at(-1)
  expect(event).toMatchObject({
    id: `${command.id}.0`,
    log,
    stream: `session/${sessionId}`,
    type: 'session.renamed',
    schemaVersion: 1,
    actor: { kind: 'user', id: owner.welcome.principal.id },
    causationId: command.id,
    correlationId: command.id,
    occurredAt,
    position: 4,
    streamVersion: 2,
  })
  expect(Math.abs((event?.recordedAt ?? 0) - Date.now())).toBeLessThan(60_000)
  await owner.close()
})

test('[SY-4] a subscriber gets every event after its cursor once, in order, while others write', async () => {
  const { owner, log, sessionId, workspaceId } = await withSession(server)
  const others = await Promise.all([connectOwner(), connectOwner(), connectOwner()])
  const writing = Promise.all(
    others.map(async (client, n) => {
      for (let index = 0; index < 60; index += 1)
        await client.push(renameSession(workspaceId, sessionId, `${n}-${index}`))
    }),
  )
  const late = await connectOwner()
  late.subscribe(log, 2, late.welcome.logs.find((one) => one.log === log)?.epoch)
  owner.subscribe(log)
  await writing
  expect(positions(await owner.eventsUpTo(log, 183))).toEqual(upTo(183))
  expect(positions(await late.eventsUpTo(log, 183))).toEqual(upTo(183, 2))
  for (const client of [owner, late, ...others]) await client.close()
})

test('[SY-4] a cursor that does not fit the log is told so: another epoch, or past the head', async () => {
  const { owner, log } = await withSession(server)
  owner.subscribe(log, 2, 'another-epoch')
  expect((await owner.next('reset')).reason).toContain('another epoch')
  owner.forget()
  const epoch = (await connectOwner()).welcome.logs.find((one) => one.log === log)?.epoch ?? ''
  owner.subscribe(log, 99, epoch)
  expect(await owner.next('reset')).toMatchObject({
    log,
    epoch,
    head: 3,
    reason: expect.stringContaining('past the head'),
  })
  owner.subscribe(log, 0, epoch)
  expect(positions(await owner.eventsUpTo(log, 3))).toEqual([1, 2, 3])
  await owner.close()
})

test('[SY-4] a subscriber that stops reading is given no hole and slows nobody', async () => {
  const { owner, log, sessionId, workspaceId } = await withSession(server)
  const slow = await connectOwner()
  slow.subscribe(log)
  await slow.eventsUpTo(log, 3)
  slow.socket.pause()
  owner.subscribe(log)
  const runner = await connectRunner()
  const producer = { id: server.runnerId, epoch: runner.welcome.producerEpoch ?? 0 }
  const text = 'x'.repeat(40_000)
  const count = 300
  for (let seq = 0; seq < count; seq += 10) {
    const events = Array.from({ length: 10 }, (_, n) =>
      agentMessage(workspaceId, sessionId, text, { ...producer, seq: seq + n }),
    )
    runner.send({ t: 'observe', batch: `b${seq}`, log, events })
  }
  expect(positions(await owner.eventsUpTo(log, 3 + count))).toEqual(upTo(3 + count))
  expect(slow.events(log).length).toBeLessThan(count)
  slow.socket.resume()
  expect(positions(await slow.eventsUpTo(log, 3 + count))).toEqual(upTo(3 + count))
  for (const client of [owner, slow, runner]) await client.close()
})

test('a workspace and its first commands may come in one push', async () => {
  const owner = await connectOwner()
  const [workspaceId, sessionId] = [newId(), newId()]
  const commands = [
    createWorkspace(workspaceId, server.runnerId),
    createSession(workspaceId, sessionId),
    renameSession(workspaceId, sessionId, 'First'),
  ]
  owner.send({ t: 'push', commands })
  for (const { id } of commands) {
    const receipt = await owner.next('receipt', (message) => message.commandId === id)
    expect(receipt.result.kind).toBe('accepted')
  }
  await owner.next('access', (message) => message.logs.some((one) => one.log === workspaceLog(workspaceId)))
  const stranger = await owner.push(renameSession(newId(), newId(), 'Nowhere'))
  expect(stranger).toMatchObject({ kind: 'refused', refusal: { code: 'unknown_log' } })
  await owner.close()
})

test('[EV-3] what does not fit its schema is not appended: single observations are left out and named, the rest is stored', async () => {
  const { owner, log, sessionId, workspaceId } = await withSession(server)
  const runner = await connectRunner()
  const producer = { id: server.runnerId, epoch: runner.welcome.producerEpoch ?? 0 }
  const message = (seq: number) => agentMessage(workspaceId, sessionId, `m${seq}`, { ...producer, seq })
  const bad = { ...message(2), data: { text: 'no kind' } }
  const notMine = { ...message(3), type: 'message.queued' }
  const large = { ...message(4), data: { ...message(4).data, text: 'x'.repeat(70_000) } }
  const derived = { ...message(5), id: `${newId()}.0` as never }
  runner.send({ t: 'observe', batch: 'b', log, events: [message(1), bad, notMine, large, derived, message(6)] })
  const observed = await runner.next('observed')
  expect(observed.refusal).toBeUndefined()
  expect(observed.rejected.map((one) => one.refusal.code)).toEqual(['invalid', 'forbidden', 'too_large', 'invalid'])
  owner.subscribe(log)
  const texts = (await owner.eventsUpTo(log, 5)).map((event) => event.data['text'])
  expect(texts.slice(3)).toEqual(['m1', 'm6'])
  await Promise.all([owner.close(), runner.close()])
})

test('a newer process of a runner fences the older one; a reconnect of the same process is no other process', async () => {
  const { owner, log, sessionId, workspaceId } = await withSession(server)
  const older = await connectRunner('process-1')
  const olderEpoch = older.welcome.producerEpoch ?? 0
  const newer = await connectRunner('process-2')
  expect(await older.next('error')).toMatchObject({ code: 'fenced', fatal: true })
  expect(newer.welcome.producerEpoch).toBeGreaterThan(olderEpoch)
  const stale = agentMessage(workspaceId, sessionId, 'stale', { id: server.runnerId, epoch: olderEpoch, seq: 1 })
  newer.send({ t: 'observe', batch: 'b', log, events: [stale] })
  expect(await newer.next('observed')).toMatchObject({ refusal: { code: 'fenced' } })
  const again = await connectRunner('process-2')
  expect((await newer.closed).code).toBe(1006)
  expect(newer.received.some((message) => message.t === 'error')).toBe(false)
  expect(again.welcome.runnersOnline).toEqual([server.runnerId])
  await Promise.all([owner.close(), again.close()])
})

test('[EV-9] live text is passed on and kept for who comes late, and is in no log', async () => {
  const { owner, log, sessionId } = await withSession(server)
  const runner = await connectRunner()
  const delta = (offset: number, text: string) => ({
    kind: 'text' as const,
    itemId: 'm1',
    channel: 'agent' as const,
    turnId: 't',
    offset,
    text,
    at: 1,
  })
  owner.send({ t: 'watch', sessions: [{ log, session: sessionId }] })
  await owner.next('live', (message) => message.state === true)
  runner.send({ t: 'live', log, session: sessionId, items: [delta(0, 'Hello')] })
  runner.send({ t: 'live', log, session: sessionId, items: [delta(5, ' world')] })
  await owner.next('live', (message) => message.items.some((item) => item.kind === 'text' && item.offset === 5))
  const late = await connectOwner()
  late.send({ t: 'watch', sessions: [{ log, session: sessionId }] })
  expect((await late.next('live')).items).toEqual([delta(0, 'Hello world')])
  runner.send({ t: 'live', log, session: sessionId, items: [{ kind: 'end', itemId: 'm1' }] })
  await late.next('live', (message) => message.items.some((item) => item.kind === 'end'))
  late.forget()
  late.send({ t: 'liveState', log, session: sessionId })
  expect(await late.next('live')).toMatchObject({ state: true, items: [] })
  expect((await connectOwner()).welcome.logs.find((one) => one.log === log)?.head).toBe(3)
  // Nobody but the runner may speak for it.
  owner.send({ t: 'live', log, session: sessionId, items: [delta(0, 'forged')] })
  owner.send({ t: 'ping', n: 7 })
  await owner.next('pong')
  late.forget()
  late.send({ t: 'liveState', log, session: sessionId })
  expect((await late.next('live')).items).toEqual([])
  for (const client of [owner, late, runner]) await client.close()
})

test('who looks at a session is told to those who may read it, and when they leave', async () => {
  const { owner, log, sessionId, workspaceId } = await withSession(server)
  const answer = await fetch(`${server.url}/api/invitations`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.ownerToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ workspaceId, role: 'member' }),
  })
  const { data } = (await answer.json()) as { data: { link: string } }
  const { cookie } = await openLink(server.url, new URL(data.link).pathname, 'Ben')
  const ben = await SyncClient.connect(server.url, { cookie })
  ben.send({ t: 'watch', sessions: [{ log, session: sessionId }] })
  const seen = await owner.next('presence', (message) => message.people.length === 1)
  expect(seen).toMatchObject({ log, session: sessionId, people: [{ name: 'Ben' }] })
  const later = await connectOwner()
  later.subscribe(log)
  expect((await later.next('presence')).people).toHaveLength(1)
  owner.forget()
  ben.socket.terminate()
  await owner.next('presence', (message) => message.people.length === 0)
  await Promise.all([owner.close(), later.close()])
})

test('a question goes to the runner and comes back; without a runner, or with a forged answer, it does not hang', async () => {
  const { owner, log, sessionId } = await withSession(server)
  const ask = (id: string) => owner.send({ t: 'query', id, log, request: { kind: 'git.status', sessionId } })
  ask('q1')
  expect((await owner.next('queryResult', (message) => message.id === 'q1')).answer).toMatchObject({
    ok: false,
    code: 'runner_away',
  })
  const runner = await connectRunner()
  await owner.next('runners', (message) => message.online.length === 1)
  ask('q2')
  const { id, request } = await runner.next('query')
  expect(request).toMatchObject({ kind: 'git.status', sessionId })
  owner.send({ t: 'queryResult', id, answer: { ok: true, forged: true } })
  runner.send({ t: 'queryResult', id, answer: { ok: true, branch: 'main' } })
  expect((await owner.next('queryResult', (message) => message.id === 'q2')).answer).toEqual({
    ok: true,
    branch: 'main',
  })
  ask('q3')
  await runner.next('query', (message) => message.id !== id)
  await runner.close()
  expect((await owner.next('queryResult', (message) => message.id === 'q3')).answer).toMatchObject({
    code: 'runner_away',
  })
  await owner.close()
})

test("a viewer may not ask for the commands of a runner's home folder, and a stranger not for files", async () => {
  const { owner, log, sessionId, workspaceId } = await withSession(server)
  const elsewhere = await withSession(server)
  const member = await SyncClient.connect(server.url, (await invited(server, workspaceId, 'member')).by)
  const viewer = await SyncClient.connect(server.url, (await invited(server, workspaceId, 'viewer')).by)
  const stranger = await SyncClient.connect(server.url, (await invited(server, elsewhere.workspaceId, 'admin')).by)
  const codeFor = async (client: SyncClient, request: Parameters<typeof client.send>[0]): Promise<unknown> => {
    client.send(request)
    return (await client.next('queryResult')).answer['code']
  }
  const files = { t: 'query', id: 'f', log, request: { kind: 'files', sessionId, text: '' } } as const
  const commands = { t: 'query', id: 'c', log, request: { kind: 'commands', sessionId, provider: 'script' } } as const
  // No runner is there: who may ask is told that.
  expect(await codeFor(viewer, files)).toBe('runner_away')
  viewer.forget()
  expect(await codeFor(viewer, commands)).toBe('forbidden')
  expect(await codeFor(member, commands)).toBe('runner_away')
  expect(await codeFor(stranger, files)).toBe('forbidden')
  for (const client of [owner, elsewhere.owner, member, viewer, stranger]) await client.close()
})

test('a runner may read its workspaces and report itself, and nothing else', async () => {
  const { owner, log } = await withSession(server)
  const runner = await connectRunner()
  expect(runner.welcome.logs.map((one) => one.log)).toContain(log)
  expect(runner.welcome.logs.map((one) => one.log)).not.toContain(userLog(owner.welcome.principal.id))
  runner.subscribe(userLog(owner.welcome.principal.id))
  expect(await runner.next('error')).toMatchObject({ code: 'forbidden', fatal: false })
  const producer = { id: server.runnerId, epoch: runner.welcome.producerEpoch ?? 0, seq: 1 }
  const report = {
    ...agentMessage('w', 's', '', producer),
    log: INSTANCE_LOG,
    stream: runnerStream(server.runnerId),
    type: 'runner.reported',
    actor: { kind: 'runner' as const, id: server.runnerId },
    data: { host: 'here', gitVersion: '2.39', providers: [] },
  }
  const other = { ...report, id: newId() as never, stream: runnerStream('other') }
  runner.send({ t: 'observe', batch: 'b', log: INSTANCE_LOG, events: [report, other] })
  expect((await runner.next('observed')).rejected.map((one) => one.refusal.code)).toEqual(['forbidden'])
  await Promise.all([owner.close(), runner.close()])
})

test('what is not understood ends the connection with a reason: not JSON, no message, an old or new protocol, no hello', async () => {
  const cases: [string, string][] = [
    ['{', 'malformed'],
    ['{"t":"explode"}', 'malformed'],
    [JSON.stringify({ t: 'subscribe', log: 'instance', epoch: '', position: 0 }), 'malformed'],
    [
      JSON.stringify({ t: 'hello', version: 99, oldest: 98, role: 'client', clientId: 'c', appVersion: '9' }),
      'version',
    ],
  ]
  for (const [frame, code] of cases) {
    const client = await SyncClient.open(server.url, { token: server.ownerToken })
    client.socket.send(frame)
    expect(await client.next('error')).toMatchObject({ code, fatal: true })
    await client.closed
  }
  const client = await connectOwner()
  client.socket.send('x'.repeat(9 * 1024 * 1024))
  expect((await client.closed).code).toBe(1009)
})
