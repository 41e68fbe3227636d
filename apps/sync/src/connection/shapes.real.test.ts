import { createPublicKey, verify } from 'node:crypto'
import {
  canonicalText,
  evolve,
  hashOf,
  hashText,
  headText,
  initialState,
  leafHash,
  newId,
  PROJECTION_VERSION,
  project,
  rootOfPeaks,
  sessionStream,
  TreeEdge,
  verifyConsistency,
  verifyInclusion,
  type AnyRow,
  type LogId,
  type RecordedEvent,
  type StreamId,
} from '@coppice/events'
import { snapshotText, type ServerKey, type StreamHeader } from '@coppice/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { LIMITS } from '../limits.ts'
import { createSession, renameSession } from '../testing/commands.ts'
import { SyncClient, type ConnectedClient } from '../testing/sync-client.ts'
import { startTestServer, withSession, type TestServer } from '../testing/test-server.ts'

/** More events than a log may have without a snapshot for new replicas. */
const SESSIONS = Math.ceil(LIMITS.snapshotFromEvents / 2) + 1

let server: TestServer
let owner: ConnectedClient
let log: LogId
let workspaceId: string
const sessions: string[] = []
let whole: RecordedEvent[] = []

beforeAll(async () => {
  server = await startTestServer()
  const made = await withSession(server)
  ;({ owner, log, workspaceId } = made)
  sessions.push(made.sessionId)
  const created = Array.from({ length: SESSIONS }, () => newId())
  sessions.push(...created)
  await Promise.all(created.map((id) => owner.push(createSession(workspaceId, id))))
  await Promise.all(created.map((id, n) => owner.push(renameSession(workspaceId, id, `Name ${n}`))))
  owner.subscribe(log)
  const head = 2 + 2 * SESSIONS
  whole = (await owner.eventsUpTo(log, head)) as RecordedEvent[]
})
afterAll(async () => {
  expect(server.reports).toEqual([])
  await owner.close()
  await server.stop()
})

const connect = () => SyncClient.connect(server.url, { token: server.ownerToken })

const publicKey = ({ publicKey: hex }: ServerKey) =>
  createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(hex, 'hex').toString('base64url') },
    format: 'jwk',
  })

/** A session's header as a whole replica would have it. */
function headerOf(stream: StreamId): Pick<StreamHeader, 'stream' | 'version' | 'state' | 'rows'> {
  const events = whole.filter((event) => event.stream === stream)
  let row: AnyRow | undefined
  let state = initialState(log, stream)
  for (const event of events) {
    if (state) state = evolve(state, event)
    for (const change of project(event, () => row as never)) if (change.table === 'sessions') row = change.row as AnyRow
  }
  const key = stream.slice('session/'.length)
  const rows = [{ table: 'sessions' as const, key, row: { ...row } }]
  return { stream, version: events.length, state: JSON.parse(JSON.stringify(state)) as Record<string, unknown>, rows }
}

test('[LF-7] a new replica gets a snapshot: the workspace, every header, the edge of the tree, all under one signature', async () => {
  const client = await connect()
  const shape = { bodies: 'none' as const, except: [] }
  client.send({ t: 'subscribe', log, epoch: '', position: 0, shape, snapshot: PROJECTION_VERSION })
  const last = await client.next('snapshot', ({ end }) => end !== undefined)
  const parts = client.received.filter((message) => message.t === 'snapshot')
  expect(parts.map(({ part }) => part)).toEqual(parts.map((_, index) => index))
  expect(last.position).toBe(whole.length)
  expect(parts.flatMap(({ events }) => events)).toEqual(whole.filter((event) => event.stream === 'workspace'))

  const streams = parts.flatMap((part) => part.streams)
  expect(streams.map(({ stream }) => stream).toSorted()).toEqual(sessions.map(sessionStream).toSorted())
  for (const header of streams) expect(header).toEqual(headerOf(header.stream as StreamId))

  const edge = new TreeEdge()
  for (const event of whole) edge.append(leafHash(canonicalText(event)))
  const root = hashText(rootOfPeaks((last.end?.peaks ?? []).map(hashOf)))
  expect(root).toBe(hashText(edge.root()))
  const { epoch, position, projection } = last
  const { digest = '', at = 0, signature = '' } = last.end ?? {}
  const said = parts
    .flatMap((part) => [...part.events, ...part.streams].map((one) => `${canonicalText(one)}\n`))
    .join('')
  expect(digest).toBe(Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(said))).toString('hex'))
  const key = client.welcome.serverKey
  if (!key) throw new Error('the welcome has no key')
  const signed = Buffer.from(snapshotText({ log, epoch, position, projection, root, digest, at }))
  expect(verify(null, signed, publicKey(key), Buffer.from(signature, 'hex'))).toBe(true)
  await client.close()
})

test('[LF-12, SY-4] what a shape leaves out comes as its hash and its header; joining a session brings its past, then its events', async () => {
  const client = await connect()
  const [wanted = '', other = ''] = sessions
  const epoch = client.welcome.logs.find((one) => one.log === log)?.epoch ?? ''
  const shape = { bodies: 'none' as const, except: [sessionStream(wanted)] }
  client.send({ t: 'subscribe', log, epoch, position: 0, shape })
  await client.next('events', ({ to }) => to === whole.length)
  const frames = client.received.filter((message) => message.t === 'events')
  let position = 0
  const leaves: string[] = []
  for (const { from, to, events, left = [] } of frames) {
    expect(from).toBe(position)
    expect(events.length + left.length).toBe(to - from)
    const hashes = [...left]
    for (position = from + 1; position <= to; position += 1) {
      const event = events.find((one) => one.position === position)
      leaves.push(event ? hashText(leafHash(canonicalText(event))) : (hashes.shift() ?? ''))
    }
    position = to
  }
  expect(leaves).toEqual(whole.map((event) => hashText(leafHash(canonicalText(event)))))
  const seen = client.events(log).map(({ stream }) => stream)
  expect([...new Set(seen)].toSorted()).toEqual([sessionStream(wanted), 'workspace'].toSorted())
  const headers = new Map(frames.flatMap(({ streams = [] }) => streams.map((one) => [one.stream, one] as const)))
  expect(headers.get(sessionStream(other))).toEqual(headerOf(sessionStream(other)))

  client.forget()
  client.send({ t: 'join', n: 7, log, stream: sessionStream(other) })
  const filled = await client.next('backfill', ({ last }) => last)
  expect(filled.n).toBe(7)
  expect(filled.events).toEqual(whole.filter((event) => event.stream === sessionStream(other)))
  await owner.push(renameSession(workspaceId, other, 'After joining'))
  const next = await client.next('events', ({ events }) => events.length > 0)
  expect(next.events).toMatchObject([{ stream: sessionStream(other), streamVersion: 3 }])
  whole = (await owner.eventsUpTo(log, next.to)) as RecordedEvent[]
  await client.close()
})

test('[LF-7] whoever joins a session gets its newest events first where they fill more than one part, and only if it wants', async () => {
  const long = sessions.at(-1) ?? ''
  const stream = sessionStream(long)
  const names = Array.from({ length: LIMITS.catchUpEvents }, (_, n) => renameSession(workspaceId, long, `Again ${n}`))
  for (const name of names) await owner.push(name)
  whole = (await owner.eventsUpTo(log, whole.length + names.length)) as RecordedEvent[]
  const events = whole.filter((event) => event.stream === stream)
  expect(events.length).toBeGreaterThan(LIMITS.catchUpEvents)

  const client = await connect()
  const epoch = client.welcome.logs.find((one) => one.log === log)?.epoch ?? ''
  client.send({ t: 'subscribe', log, epoch, position: 0, shape: { bodies: 'none', except: [] } })
  await client.next('events', ({ to }) => to === whole.length)
  const joined = async (of: string, tail: boolean, n: number) => {
    client.forget()
    client.send({ t: 'join', n, log, stream: sessionStream(of), tail })
    await client.next('backfill', ({ last }) => last)
    return client.received.filter((message) => message.t === 'tail' || message.t === 'backfill')
  }
  const parts = await joined(long, true, 1)
  expect(parts[0]).toMatchObject({ t: 'tail', n: 1, stream })
  expect(parts[0]?.events).toEqual(events.slice(-LIMITS.catchUpEvents))
  const past = parts.slice(1)
  expect(past.every(({ t }) => t === 'backfill')).toBe(true)
  expect(past.flatMap((part) => part.events)).toEqual(events)
  expect((await joined(long, false, 2)).map(({ t }) => t)).not.toContain('tail')
  expect((await joined(sessions[1] ?? '', true, 3)).map(({ t }) => t)).toEqual(['backfill'])
  await client.close()
})

test('[AU-2] the server proves that its log only grew and that an event is in it; heads are signed and told', async () => {
  const client = await connect()
  const key = client.welcome.serverKey
  if (!key) throw new Error('the welcome has no key')
  const size = whole.length
  const roots = [0].concat(whole.map((event) => event.position)).reduce<{ edge: TreeEdge; roots: string[] }>(
    ({ edge, roots: so }, position) => {
      const event = whole[position - 1]
      if (event) edge.append(leafHash(canonicalText(event)))
      return { edge, roots: [...so, hashText(edge.root())] }
    },
    { edge: new TreeEdge(), roots: [] },
  ).roots
  const earlier = 100
  client.send({ t: 'prove', id: 'p', log, size, earlier, positions: [1, 77, size] })
  const answer = await client.next('proof')
  const root = hashOf(roots[size] ?? '')
  const proof = (answer.consistency ?? []).map(hashOf)
  expect(verifyConsistency({ earlier, earlierRoot: hashOf(roots[earlier] ?? ''), size, root, proof })).toBe(true)
  for (const [n, position] of [1, 77, size].entries()) {
    const event = whole[position - 1]
    const path = (answer.inclusion?.[n] ?? []).map(hashOf)
    const leaf = leafHash(canonicalText(event))
    expect(verifyInclusion({ leaf, index: position - 1, size, proof: path, root })).toBe(true)
  }
  client.send({ t: 'prove', id: 'q', log, size: size + 1_000 })
  expect((await client.next('proof', ({ id }) => id === 'q')).problem).toContain('no such proof')

  client.subscribe(log, size, client.welcome.logs.find((one) => one.log === log)?.epoch)
  const renames = Array.from({ length: LIMITS.headEvents + 1 }, (_, n) =>
    owner.push(renameSession(workspaceId, sessions[0] ?? '', `Again ${n}`)),
  )
  await Promise.all(renames)
  const { head } = await client.next('head', (told) => told.head.size > size)
  whole = (await owner.eventsUpTo(log, size + renames.length)) as RecordedEvent[]
  const edge = new TreeEdge()
  for (const event of whole.slice(0, head.size)) edge.append(leafHash(canonicalText(event)))
  expect(head.root).toBe(hashText(edge.root()))
  expect(verify(null, Buffer.from(headText(head)), publicKey(key), Buffer.from(head.signature, 'hex'))).toBe(true)
  await client.close()
})

test('[AU-2, LF-8] a subscriber that knows another history is told so, and nothing else', async () => {
  const client = await connect()
  const epoch = client.welcome.logs.find((one) => one.log === log)?.epoch ?? ''
  const tree = { size: 3, root: hashText(leafHash('another history')) }
  client.send({ t: 'subscribe', log, epoch, position: 3, tree })
  const reset = await client.next('reset')
  expect(reset).toMatchObject({ log, cause: 'history' })
  expect(client.events(log)).toEqual([])
  await client.close()
})
