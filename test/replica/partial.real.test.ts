import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { canonicalText, newId, sessionStream, type CommandData, type LogId, type RecordedEvent } from '@coppice/events'
import { foldRows } from '@coppice/events/testing'
import { MemoryOutbox, MemoryStore, openInPage, type Replica, type Socket } from '@coppice/replica'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { createSession, renameSession } from '../../apps/sync/src/testing/commands.ts'
import { openStore } from '../../apps/sync/src/store/open-store.ts'
import { SyncClient } from '../../apps/sync/src/testing/sync-client.ts'
import { startTestServer, withSession, type TestServer } from '../../apps/sync/src/testing/test-server.ts'

/** More than a log may have before new replicas get a snapshot. */
const SESSIONS = 300

let server: TestServer
let log: LogId
let workspaceId: string
let sessions: string[]
const replicas = new Set<Replica>()

beforeEach(async () => {
  server = await startTestServer()
  const made = await withSession(server)
  ;({ log, workspaceId } = made)
  sessions = Array.from({ length: SESSIONS }, () => newId())
  await Promise.all(sessions.map((id) => made.owner.push(createSession(workspaceId, id, `Hello from ${id}`))))
  sessions.unshift(made.sessionId)
  await made.owner.close()
})
afterEach(async () => {
  for (const replica of replicas) await replica.close()
  replicas.clear()
  await server.stop()
})

function open(
  bodies: 'all' | 'opened',
  kept: { store: MemoryStore; outbox: MemoryOutbox } = { store: new MemoryStore(), outbox: new MemoryOutbox() },
  at: TestServer = server,
) {
  const headers = { authorization: `Bearer ${at.ownerToken}` }
  const replica = openInPage({
    ...kept,
    bodies,
    userId: 'owner',
    clientId: newId(),
    appVersion: 'test',
    connect: () => new WebSocket(`${at.url.replace('http', 'ws')}/sync`, { headers }) as unknown as Socket,
  })
  replicas.add(replica)
  return Object.assign(replica, kept)
}

async function history(at: TestServer = server): Promise<RecordedEvent[]> {
  const client = await SyncClient.connect(at.url, { token: at.ownerToken })
  client.subscribe(log)
  const head = client.welcome.logs.find((one) => one.log === log)?.head ?? 0
  const events = (await client.eventsUpTo(log, head)) as RecordedEvent[]
  await client.close()
  return events
}

const PATIENCE = { timeout: 60_000, interval: 20 }

async function rowsIn(store: MemoryStore): Promise<Map<string, unknown>> {
  const rows = new Map<string, unknown>()
  for (const table of ['sessions', 'items', 'checkpoints', 'operations', 'workspaces', 'members'] as const)
    for (const { key, row } of await store.all(table)) rows.set(`${table} ${key}`, row)
  return rows
}

test('[LF-7, LF-12] a new device that keeps everything has the list at once, then every body, and ends equal to the log', async () => {
  const replica = open('all')
  await vi.waitFor(() => expect(replica.rows('sessions').size).toBe(SESSIONS + 1), PATIENCE)
  expect((await replica.store.leftStreams()).length).toBeGreaterThan(0)
  await vi.waitFor(async () => expect(await replica.store.leftStreams()).toEqual([]), PATIENCE)
  expect(await rowsIn(replica.store)).toEqual(foldRows(await history()))
  expect(replica.connection()).toMatchObject({ distrust: '', state: 'online', complete: true })
})

test('[LF-12] a device that keeps what was opened has all headers, fetches a session when it is opened, and follows both', async () => {
  const replica = open('opened')
  await vi.waitFor(() => expect(replica.connection().complete).toBe(true), PATIENCE)
  const [, opened = '', other = ''] = sessions
  const conversation = replica.openConversation(opened)
  await conversation.ready
  await vi.waitFor(() => expect(conversation.whole()).toBe(true), PATIENCE)
  expect(conversation.spine()).toHaveLength(1)

  const owner = await SyncClient.connect(server.url, { token: server.ownerToken })
  await owner.push(renameSession(workspaceId, other, 'Seen by its header'))
  await owner.push(renameSession(workspaceId, opened, 'Seen by its events'))
  await owner.close()
  await vi.waitFor(() => {
    expect(replica.rows('sessions').get(other)?.name).toBe('Seen by its header')
    expect(replica.rows('sessions').get(opened)?.name).toBe('Seen by its events')
  }, PATIENCE)
  const expected = foldRows(await history())
  const rows = await rowsIn(replica.store)
  for (const [name, row] of expected) {
    const isBody = !/^(sessions|workspaces|members) /.test(name)
    const ofOpened = (row as { sessionId?: string }).sessionId === opened
    expect({ name, row: rows.get(name) }).toEqual({ name, row: isBody && !ofOpened ? undefined : row })
  }

  // Off line it can still act on a session of which it has only the header.
  replica.networkChanged(false)
  const address = { log, stream: sessionStream(other) }
  const sent = await replica.command(address, 'session.rename', { name: 'Renamed off line' })
  expect(sent).toHaveProperty('commandId')
  await vi.waitFor(() => expect(replica.rows('sessions').get(other)?.name).toBe('Renamed off line'), PATIENCE)
  replica.networkChanged(true)
  await vi.waitFor(() => expect(replica.connection().waiting).toBe(0), PATIENCE)
  expect((await history()).at(-1)).toMatchObject({ type: 'session.renamed', data: { name: 'Renamed off line' } })

  // A later start goes on from there: nothing is fetched twice, what was opened is still whole.
  await replica.close()
  replicas.delete(replica)
  const again = open('opened', replica)
  await vi.waitFor(() => expect(again.connection().state).toBe('online'), PATIENCE)
  const same = again.openConversation(opened)
  await same.ready
  expect(same.whole()).toBe(true)
  expect((await again.store.leftStreams()).length).toBe(SESSIONS)
  expect(again.connection().distrust).toBe('')
})

test('[LF-12] a session that is begun on a device that keeps what was opened is whole there from its first message', async () => {
  const replica = open('opened')
  await vi.waitFor(() => expect(replica.connection().complete).toBe(true), PATIENCE)
  const sessionId = newId()
  const { data } = createSession(workspaceId, sessionId, 'Begun here')
  await replica.command(
    { log, stream: sessionStream(sessionId) },
    'session.create',
    data as CommandData<'session.create'>,
  )
  const conversation = replica.openConversation(sessionId)
  await conversation.ready
  await vi.waitFor(() => expect(replica.connection().waiting).toBe(0), PATIENCE)
  const owner = await SyncClient.connect(server.url, { token: server.ownerToken })
  await owner.push(renameSession(workspaceId, sessionId, 'Renamed elsewhere'))
  await owner.close()
  await vi.waitFor(() => {
    expect(replica.rows('sessions').get(sessionId)?.name).toBe('Renamed elsewhere')
    expect(conversation.spine()).toHaveLength(1)
    expect(conversation.spine()[0]?.optimistic).toBe(false)
  }, PATIENCE)
  const left = await replica.store.leftStreams()
  expect(left.some(({ stream }) => stream === sessionStream(sessionId))).toBe(false)
})

test('[AU-2] a server whose history was rewritten is caught by a client that saw it before; what waits is kept', async () => {
  const replica = open('all')
  // In this order: a store that has nothing yet lacks nothing either.
  await vi.waitFor(() => expect(replica.connection().complete).toBe(true), PATIENCE)
  await vi.waitFor(async () => expect(await replica.store.leftStreams()).toEqual([]), PATIENCE)
  replica.networkChanged(false)
  const [session = ''] = sessions
  await replica.command({ log, stream: sessionStream(session) }, 'session.rename', { name: 'Still waiting' })
  const forged = (await history()).find((event) => event.type === 'session.created')
  await replica.close()
  replicas.delete(replica)

  await server.close()
  // A thorough forger: the tree is made anew as well.
  const store = await openStore(server.place)
  const { no } = await store.openLog(log)
  const body = canonicalText(forged).replace('"chat"', '"develop"')
  await store.query('update events set body = $3 where log_no = $1 and position = $2', [no, forged?.position, body])
  await store.query('delete from tree_tiles', [])
  await store.query('delete from tree_heads', [])
  await store.close()
  server = await startTestServer(server.place)
  const back = open('all', replica)
  await vi.waitFor(
    () => expect(back.connection().distrust).toContain('are not those that you were sent before'),
    PATIENCE,
  )
  await vi.waitFor(() => expect(back.connection().waiting).toBe(0), PATIENCE)
  expect((await history()).at(-1)).toMatchObject({ data: { name: 'Still waiting' } })
})

test('[AU-2] a server that shows two histories is caught when two who saw one each compare their heads', async () => {
  const one = open('all')
  await vi.waitFor(() => expect(one.connection().complete).toBe(true), PATIENCE)
  // A copy of the folder, with the same key and the same past, that goes another way.
  await server.close()
  const copy = fs.mkdtempSync(path.join(os.tmpdir(), 'coppice-fork-'))
  fs.cpSync(server.folder, copy, { recursive: true })
  server = await server.restart()
  const fork = await startTestServer({
    folder: copy,
    dataFolder: copy,
    remove: async () => fs.rmSync(copy, { recursive: true, force: true }),
  })

  const grow = async (at: TestServer, name: string) => {
    const client = await SyncClient.connect(at.url, { token: at.ownerToken })
    client.subscribe(log)
    const renames = Array.from({ length: 1_001 }, (_, n) =>
      client.push(renameSession(workspaceId, sessions[0] ?? '', `${name} ${n}`)),
    )
    await Promise.all(renames)
    const { head } = await client.next('head', (told) => told.head.log === log)
    await client.close()
    return head
  }
  const theirs = await grow(fork, 'Fork')
  await grow(server, 'Trunk')
  const mine = open('all')
  await vi.waitFor(() => expect(mine.connection().state).toBe('online'), PATIENCE)
  await vi.waitFor(() => expect(mine.connection().complete).toBe(true), PATIENCE)
  expect(mine.connection().distrust).toBe('')

  const colleague = await SyncClient.connect(server.url, { token: server.ownerToken })
  colleague.subscribe(log)
  colleague.send({ t: 'headSeen', head: theirs })
  await vi.waitFor(() => expect(mine.connection().distrust).toMatch(/two records|cannot prove/), PATIENCE)
  await colleague.close()
  await fork.stop()
})
