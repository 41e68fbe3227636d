import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { makeObservation, newId, sessionStream } from '@coppice/events'
import type { Finding } from '@coppice/protocol'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { openStore } from '../store/open-store.ts'
import type { RunningStore } from '../store/running-store.ts'
import { sendMessage } from '../testing/commands.ts'
import { bearer } from '../testing/members.ts'
import { SyncClient } from '../testing/sync-client.ts'
import { startTestServer, withSession, type TestServer } from '../testing/test-server.ts'
import { until, yjsClient } from '../testing/yjs-client.ts'
import { examine } from './examine.ts'

const BYTES = 'acorn '.repeat(2_000)
const RECORD = ['{"said":"one"}\n', '{"said":"two"}\n', '{"said":"three"}\n']
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

let server: TestServer
let store: RunningStore
let workspaceId = ''
let blobFile = ''

beforeAll(async () => {
  server = await startTestServer()
  const { owner, log, sessionId, ...made } = await withSession(server)
  workspaceId = made.workspaceId
  const [asOwner, asRunner] = [bearer(server.ownerToken), bearer(server.runnerToken)]
  const name = sha256(BYTES)
  const put = await fetch(`${server.url}/blobs/${workspaceId}/${name}`, {
    method: 'PUT',
    body: BYTES,
    headers: asOwner,
  })
  expect(put.status).toBe(201)
  blobFile = path.join(server.folder, 'blobs', workspaceId, name.slice(0, 2), name)
  const attachment = { sha256: name, size: BYTES.length, type: 'text/plain', name: 'acorns.txt' }
  expect(await owner.push(sendMessage(workspaceId, sessionId, [attachment]))).toMatchObject({ kind: 'accepted' })

  const runner = await SyncClient.connect(server.url, { token: server.runnerToken }, { role: 'runner' })
  const epoch = runner.welcome.producerEpoch ?? 0
  const stream = `${server.url}/streams/${workspaceId}/runs/run/turn`
  const headers = { ...asRunner, 'content-type': 'text/plain' }
  expect((await fetch(stream, { method: 'PUT', headers })).status).toBe(201)
  const append = async (seq: number, more: { body?: string; headers?: Record<string, string> }): Promise<void> => {
    const producer = { 'producer-id': server.runnerId, 'producer-epoch': String(epoch), 'producer-seq': String(seq) }
    const all = { ...headers, ...producer, ...more.headers }
    const answer = await fetch(stream, { method: 'POST', ...more, headers: all })
    expect(answer.status).toBeLessThan(300)
  }
  for (const [seq, body] of RECORD.entries()) await append(seq, { body })
  await append(RECORD.length, { headers: { 'stream-closed': 'true' } })
  const record = { stream: 'runs/run/turn', bytes: RECORD.join('').length, sha256: sha256(RECORD.join('')) }
  const stamp = {
    id: newId(),
    now: Date.now(),
    actor: { kind: 'agent' as const, id: 'script' },
    causationId: 't',
    correlationId: 't',
  }
  const data = { turnId: newId(), messageIds: [], outcome: 'completed' as const, durationMs: 1, record }
  const ended = makeObservation({ log, stream: sessionStream(sessionId) }, 'turn.ended', data, stamp)
  const producer = { id: server.runnerId, epoch, seq: 1 }
  runner.send({ t: 'observe', batch: 'b', log, events: [{ ...ended, producer }] })
  expect(await runner.next('observed')).toMatchObject({ rejected: [] })

  const writer = yjsClient(server.url, `${workspaceId}/notes`, asOwner)
  await until(() => writer.provider.synced, Boolean)
  for (const word of ['one ', 'two ', 'three ']) {
    writer.text.insert(writer.text.length, word)
    await new Promise((resolve) => setTimeout(resolve, 30))
  }
  writer.leave()
  for (const client of [owner, runner]) await client.close()
  await server.close()
  store = await openStore(server.place)
})
afterAll(async () => {
  await store.close()
  await server.place.remove()
})

const found = async (mend = false): Promise<readonly Finding[]> => {
  const { findings } = await examine({
    store,
    dataFolder: server.folder,
    mend,
    served: false,
    serverVersion: 'test',
  })
  return findings.filter(({ area }) => area !== 'folder')
}
/** Changes the store for the length of a test: what a table holds of some rows is put back afterwards. */
async function breaking(table: string, change: string, where = 'true'): Promise<void> {
  const { rows } = await store.query(`select * from ${table} where ${where}`, [])
  const { affectedRows } = await store.query(change, [])
  expect(affectedRows).toBeGreaterThan(0)
  onTestFinished(async () => {
    await store.query(`delete from ${table} where ${where}`, [])
    for (const row of rows) {
      const names = Object.keys(row)
      const values = names.map((_, index) => `$${index + 1}`).join(', ')
      await store.query(
        `insert into ${table} (${names.join(', ')}) overriding system value values (${values})`,
        Object.values(row),
      )
    }
  })
}

test('[OB-2] blobs, streams and rooms that are sound are counted, and nothing is said of them', async () => {
  const { examined } = await examine({
    store,
    dataFolder: server.folder,
    mend: false,
    served: false,
    serverVersion: '',
  })
  expect(examined).toMatchObject({ blobs: 1, streams: 1, rooms: 1 })
  expect(await found()).toEqual([])
})

/** A server on the same store, for as long as `use` takes. */
async function served(use: (again: TestServer) => Promise<void>): Promise<void> {
  await store.close()
  const again = await startTestServer(server.place)
  await use(again)
  await again.close()
  store = await openStore(server.place)
}
const sendAgain = (): Promise<void> =>
  served(async ({ url, ownerToken }) => {
    const of = `${url}/blobs/${workspaceId}/${sha256(BYTES)}`
    const put = await fetch(of, { method: 'PUT', body: BYTES, headers: bearer(ownerToken) })
    expect(put.status).toBe(201)
  })

test('[OB-2] a blob with other bytes is named; mending puts them aside, and the right ones can be sent again', async () => {
  const other = `A${BYTES.slice(1)}`
  fs.writeFileSync(blobFile, other)
  expect(await found()).toMatchObject([
    { level: 'wrong', area: 'blobs', says: expect.stringContaining('other bytes'), mending: 'possible' },
  ])
  expect(fs.readFileSync(blobFile, 'utf8')).toBe(other)
  expect(await found(true)).toMatchObject([{ mending: 'done', advice: expect.stringContaining('.damaged-') }])
  const [aside, ...more] = fs.readdirSync(path.dirname(blobFile))
  expect(more).toEqual([])
  expect(fs.readFileSync(path.join(path.dirname(blobFile), aside ?? ''), 'utf8')).toBe(other)
  // What is still wrong: a message names it.
  expect(await found()).toMatchObject([{ area: 'blobs', says: expect.stringContaining('acorns.txt'), mending: 'no' }])
  await sendAgain()
  expect(await found()).toEqual([])
})

test('[OB-2] a blob whose file is gone, or is cut off, is named; mended, it can be sent again', async () => {
  fs.truncateSync(blobFile, 100)
  expect(await found()).toMatchObject([{ says: expect.stringContaining('other bytes') }])
  fs.rmSync(blobFile)
  const gone = { says: expect.stringContaining('its file is gone') }
  expect(await found()).toMatchObject([{ ...gone, mending: 'possible' }])
  expect(await found(true)).toMatchObject([{ ...gone, mending: 'done' }])
  await sendAgain()
  expect(await found()).toEqual([])
})

test('[OB-2] a piece of a stream that is missing, changed, or of no stream is named', async () => {
  const says = async (): Promise<string> => (await found()).map((one) => `${one.level} ${one.says}`).join('\n')
  const second = `start = ${RECORD[0]?.length ?? 0}`
  await breaking('byte_stream_chunks', `delete from byte_stream_chunks where ${second}`)
  expect(await says()).toMatch(
    /wrong Stream .*\/runs\/run\/turn: a piece begins at 30, and the one before it ends at 15\./,
  )
  await store.query(`delete from byte_stream_chunks where start = 30`, [])
  expect(await says()).toMatch(/wrong Stream .* has 47 bytes by its length, and its pieces end at 15\./)
  await store.query(`update byte_stream_chunks set stream_no = 77`, [])
  expect(await says()).toContain('wrong 1 pieces are of stream number 77, which is not there.')
})

test('[OB-2] a record that is not what its turn says is named; one that is not here to its end is no error', async () => {
  await breaking('byte_stream_chunks', `update byte_stream_chunks set bytes = set_byte(bytes, 3, 88) where start = 0`)
  expect(await found()).toMatchObject([
    { level: 'wrong', area: 'streams', says: expect.stringContaining('is not what the event says: 47 bytes') },
  ])
  await breaking('byte_streams', `update byte_streams set closed = false, closed_by = null`)
  expect(await found()).toMatchObject([{ level: 'degraded', says: expect.stringContaining('not here to its end') }])
})

test('[OB-2] a stream that was closed and is open, or counts forks that are none, is named', async () => {
  await breaking('byte_streams', `update byte_streams set closed = false, closed_by = 'r 1 1', forks = 2`)
  expect((await found()).map((one) => one.says).join('\n')).toMatch(
    /counts 2 forks, and 0 name it[^]*was closed by a producer, and is open/,
  )
})

test('[OB-2] updates of a room that do not load, or are not all there, are named', async () => {
  const { rows } = await store.query('select max(seq)::int as last from yjs_updates', [])
  const last = Number(rows[0]?.['last'])
  await breaking('yjs_updates', `update yjs_updates set bytes = '\\xffffff' where seq = ${last}`)
  expect(await found()).toMatchObject([
    { level: 'wrong', area: 'rooms', says: expect.stringContaining(`/notes: update ${last} cannot be read`) },
  ])
  await store.query(`delete from yjs_updates where seq = ${last}`, [])
  expect(await found()).toMatchObject([{ says: expect.stringContaining(`and should at ${last}.`) }])
  await store.query(`update yjs_updates set room_no = 99`, [])
  expect((await found()).map((one) => one.says).join('\n')).toContain('of room number 99, which is not there')
})
