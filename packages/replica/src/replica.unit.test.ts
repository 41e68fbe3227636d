import { isRefusal, newId, sessionStream, workspaceLog, type CommandData, type KnownCommand } from '@coppice/events'
import { PGlite } from '@electric-sql/pglite'
import { afterEach, expect, test } from 'vitest'
import { ReplicaCore } from './core.ts'
import { PgliteStore } from './pglite-store.ts'
import { MemoryOutbox, MemoryStore, openInPage, type Replica, type Settled } from './index.ts'
import { MemoryServer } from './testing/memory-server.ts'

const LOG = workspaceLog('w')
const session = (id: string) => ({ log: LOG, stream: sessionStream(id) })
const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})

function client(server: MemoryServer, userId: string, kept: { store?: MemoryStore; outbox?: MemoryOutbox } = {}) {
  const replica = openInPage({
    ...kept,
    userId,
    clientId: newId(),
    appVersion: 'test',
    connect: () => server.connect(userId),
  })
  open.push(replica)
  return replica
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 5_000
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`Never came true: ${condition}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

async function send<T extends KnownCommand['type']>(
  replica: Replica,
  id: string,
  type: T,
  data: CommandData<T>,
): Promise<{ settled: Promise<Settled> }> {
  const sent = await replica.command(session(id), type, data)
  if (isRefusal(sent)) throw new Error(sent.message)
  return sent
}

const creation = (id: string) =>
  ({
    sessionId: id,
    workspaceId: 'w',
    mode: 'develop',
    provider: 'script',
    model: '',
    baseBranch: 'main',
    stepMode: 'manual',
  }) as const

test('[LF-2, LF-3] off line a session, messages and a new name show at once, wait in the outbox, and arrive once', async () => {
  const server = new MemoryServer(LOG)
  server.reachable = false
  const mara = client(server, 'mara')
  await mara.ready
  await until(() => mara.connection().state === 'offline')
  const made = await send(mara, 's1', 'session.create', creation('s1'))
  await send(mara, 's1', 'message.send', { messageId: 'm1', text: 'Hello' })
  await send(mara, 's1', 'session.rename', { name: 'Renamed' })
  await until(() => mara.rows('sessions').get('s1')?.name === 'Renamed')
  expect(mara.rows('sessions').get('s1')).toMatchObject({ queued: 1, status: 'waiting' })
  expect(mara.isPending('sessions', 's1')).toBe(true)
  expect(mara.connection().waiting).toBe(3)
  const conversation = mara.openConversation('s1')
  await conversation.ready
  expect(conversation.spine().map(({ itemId, optimistic }) => [itemId, optimistic])).toEqual([['m1', true]])

  server.reachable = true
  mara.networkChanged(true)
  expect(await made.settled).toEqual({ kind: 'accepted' })
  await until(() => mara.connection().waiting === 0 && !mara.isPending('sessions', 's1'))
  expect(server.log.events.map((event) => event.type)).toEqual([
    'session.created',
    'message.queued',
    'session.renamed',
    'session.renamed',
  ])
  expect(mara.rows('sessions').get('s1')).toMatchObject({ name: 'Renamed', queued: 1 })
  await until(() => conversation.spine()[0]?.optimistic === false)
})

test('[LF-4] remote events come first, pending commands are decided again on top; nothing is lost or doubled', async () => {
  const server = new MemoryServer(LOG)
  const mara = client(server, 'mara')
  const jo = client(server, 'jo')
  await Promise.all([mara.ready, jo.ready])
  await (
    await send(mara, 's1', 'session.create', creation('s1'))
  ).settled
  await until(() => jo.rows('sessions').has('s1'))
  jo.networkChanged(false)
  await send(jo, 's1', 'message.send', { messageId: 'from-jo', text: 'from jo' })
  await (
    await send(mara, 's1', 'message.send', { messageId: 'from-mara', text: 'from mara' })
  ).settled
  await until(() => jo.rows('sessions').get('s1')?.queued === 1)
  jo.networkChanged(true)
  await until(() => jo.connection().waiting === 0 && jo.rows('sessions').get('s1')?.queued === 2)
  await until(() => mara.rows('sessions').get('s1')?.queued === 2)
  const queued = server.log.events
    .filter((event) => event.type === 'message.queued')
    .map((event) => event.data['messageId'])
  expect(queued).toEqual(['from-mara', 'from-jo'])
})

test('[LF-3] a refusal is typed, shown, keeps the text, and does not block what comes after it', async () => {
  const server = new MemoryServer(LOG)
  const mara = client(server, 'mara')
  await mara.ready
  await (
    await send(mara, 's1', 'session.create', creation('s1'))
  ).settled
  // The session ends elsewhere while mara's message is on its way.
  mara.networkChanged(false)
  const late = await send(mara, 's1', 'message.send', { messageId: 'm9', text: 'precious words' })
  const fine = await send(mara, 's2', 'session.create', creation('s2'))
  server.observe({
    id: 'o1' as never,
    ...session('s1'),
    type: 'session.ended',
    schemaVersion: 1,
    actor: { kind: 'runner', id: 'r' },
    causationId: 'x',
    correlationId: 'x',
    occurredAt: 0,
    data: { outcome: 'done' },
  })
  mara.networkChanged(true)
  expect(await late.settled).toMatchObject({ kind: 'refused', refusal: { code: 'wrong_state' } })
  expect(await fine.settled).toEqual({ kind: 'accepted' })
  expect(mara.refused()).toMatchObject([
    { type: 'message.send', text: 'precious words', refusal: { code: 'wrong_state' } },
  ])
  expect(mara.rows('sessions').get('s1')).toMatchObject({ status: 'done', queued: 0 })
  await mara.dismissRefused(mara.refused()[0]?.commandId ?? '')
  await until(() => mara.refused().length === 0)
})

test('[LF-3, SY-1] a receipt lost on its way changes nothing: the command is pushed again and answered as before', async () => {
  const server = new MemoryServer(LOG)
  const mara = client(server, 'mara')
  await mara.ready
  await (
    await send(mara, 's1', 'session.create', creation('s1'))
  ).settled
  server.swallow = true
  const sent = await send(mara, 's1', 'message.send', { messageId: 'm1', text: 'once' })
  await until(() => server.log.events.some((event) => event.type === 'message.queued'))
  server.swallow = false
  server.cut()
  mara.networkChanged(true)
  expect(await sent.settled).toEqual({ kind: 'accepted' })
  expect(server.log.events.filter((event) => event.type === 'message.queued')).toHaveLength(1)
  expect(mara.rows('sessions').get('s1')?.queued).toBe(1)
})

test('[LF-2] a program that was killed with commands in its outbox sends them when it is back', async () => {
  const server = new MemoryServer(LOG)
  server.reachable = false
  const outbox = new MemoryOutbox()
  const first = client(server, 'mara', { outbox })
  await first.ready
  await send(first, 's1', 'session.create', creation('s1'))
  server.reachable = true
  const second = client(server, 'mara', { outbox })
  await until(() => server.log.events.length === 1)
  await until(() => second.rows('sessions').get('s1') !== undefined && second.connection().waiting === 0)
})

test('what no server would take is refused at once and never enters the outbox', async () => {
  const mara = client(new MemoryServer(LOG), 'mara')
  await mara.ready
  const refusal = await mara.command(session('s1'), 'message.send', { messageId: 'm', text: '   ' })
  expect(refusal).toMatchObject({ code: 'invalid', message: expect.stringContaining('needs text') })
  expect(mara.connection().waiting).toBe(0)
})

test('a new device works from memory at once, and goes on in its database when that is there, with nothing lost between', async () => {
  const server = new MemoryServer(LOG)
  const outbox = new MemoryOutbox()
  const first = new MemoryStore()
  const core = await ReplicaCore.open({
    store: first,
    opening: true,
    outbox,
    userId: 'mara',
    clientId: 'c',
    appVersion: 'test',
    connect: () => server.connect('mara'),
    now: Date.now,
    notify: () => undefined,
  })
  const other = client(server, 'jo')
  await other.ready
  await (
    await send(other, 's1', 'session.create', creation('s1'))
  ).settled
  const db = await PgliteStore.open(await PGlite.create())
  const moving = core.moveTo(db)
  await (
    await send(other, 's2', 'session.create', creation('s2'))
  ).settled
  await moving
  await (
    await send(other, 's3', 'session.create', creation('s3'))
  ).settled
  const events = async (): Promise<number> => (await db.events(LOG, 0, 100)).length
  const deadline = Date.now() + 5_000
  while ((await events()) < 3 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10))
  expect(await db.events(LOG, 0, 100)).toEqual(server.log.events)
  expect((await db.all('sessions')).map(({ key }) => key).sort()).toEqual(['s1', 's2', 's3'])
  const { connection } = await core.call('attach', { page: 'p' })
  expect(connection).toMatchObject({ storage: 'persistent', complete: true })
  await core.close()
})

test('a session that two parts of a page have open goes on being told to one when the other closes it', async () => {
  const server = new MemoryServer(LOG)
  const mara = client(server, 'mara')
  await send(mara, 's1', 'session.create', creation('s1'))
  const kept = mara.openConversation('s1')
  const closed = mara.openConversation('s1')
  await Promise.all([kept.ready, closed.ready])
  closed.close()
  await send(mara, 's1', 'message.send', { messageId: 'm1', text: 'Still there?' })
  await until(() => kept.spine().some((item) => item.itemId === 'm1'))
})

test('[BE-7] comments of a session are asked for by it, optimistic ones too, and whoever shows them is told', async () => {
  const server = new MemoryServer(LOG)
  const mara = client(server, 'mara')
  await send(mara, 's1', 'session.create', creation('s1'))
  const told: string[] = []
  mara.onOfSession((table, of) => told.push(`${table} ${of}`))
  const place = { path: 'a.ts', side: 'after', line: 1, endLine: 1, quote: ['x'], above: [], below: [] } as const
  server.reachable = false
  await send(mara, 's1', 'comment.add', {
    commentId: 'c1',
    text: 'Why?',
    place: { ...place, quote: ['x'], above: [], below: [] },
  })
  await until(() => told.includes('comments s1'))
  expect(await mara.ofSession('comments', 's1')).toMatchObject([{ commentId: 'c1', author: 'mara', text: 'Why?' }])
  told.length = 0
  await send(mara, 's1', 'comment.remove', { commentId: 'c1' })
  await until(() => told.some((one) => one.startsWith('comments')))
  expect(await mara.ofSession('comments', 's1')).toEqual([])
})
