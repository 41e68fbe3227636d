import fs from 'node:fs'
import path from 'node:path'
import { canonicalText, newId, workspaceLog } from '@coppice/events'
import type { Finding, ServerExamination } from '@coppice/protocol'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { LIMITS } from '../limits.ts'
import { openStore } from '../store/open-store.ts'
import type { RunningStore } from '../store/running-store.ts'
import { createSession, createWorkspace, renameSession } from '../testing/commands.ts'
import { SyncClient } from '../testing/sync-client.ts'
import { startTestServer, type TestServer } from '../testing/test-server.ts'
import { examine } from './examine.ts'

let server: TestServer
let store: RunningStore
let no = 0
const [workspaceId, sessionId, anotherId] = [newId(), newId(), newId()]
const log = workspaceLog(workspaceId)

beforeAll(async () => {
  server = await startTestServer()
  const owner = await SyncClient.connect(server.url, { token: server.ownerToken })
  await owner.push(createWorkspace(workspaceId, server.runnerId))
  await owner.push(createSession(workspaceId, sessionId))
  await owner.push(createSession(workspaceId, anotherId))
  // Enough for a tile, and for a head that is signed past it.
  for (let sent = 0; sent < LIMITS.headEvents + 100; sent += 100) {
    const names = Array.from({ length: 100 }, (_, index) => renameSession(workspaceId, sessionId, `${sent + index}`))
    owner.send({ t: 'push', commands: names })
    await owner.next('receipt', ({ commandId }) => commandId === names.at(-1)?.id)
  }
  // Changes nothing: a receipt without an event.
  await owner.push(renameSession(workspaceId, sessionId, `${LIMITS.headEvents + 99}`))
  await owner.close()
  await server.close()
  store = await openStore(server.place)
  no = (await store.openLog(log)).no
})
afterAll(async () => {
  await store.close()
  await server.place.remove()
})

const look = (mend = false): Promise<ServerExamination> =>
  examine({ store, dataFolder: server.folder, mend, served: false, serverVersion: 'test' })
const wrong = async (mend = false): Promise<readonly Finding[]> =>
  (await look(mend)).findings.filter(({ level }) => level === 'wrong')
/** Changes rows for the length of a test. */
async function breaking(change: string, back: string, parameters: readonly unknown[] = [no]): Promise<void> {
  const { affectedRows } = await store.query(change, parameters)
  expect(affectedRows).toBeGreaterThan(0)
  onTestFinished(async () => void (await store.query(back, parameters)))
}
const oneRow = async (sql: string): Promise<Record<string, unknown>> => (await store.query(sql, [no])).rows[0] ?? {}

test('[OB-2] a sound folder has nothing wrong, and what was looked at is told', async () => {
  const { findings, examined, bytes, versions, sessions } = await look()
  // A disk that is nearly full is the machine's.
  expect(findings.filter(({ area }) => area !== 'folder')).toEqual([])
  expect(await wrong()).toEqual([])
  const { rows } = await store.query('select sum(head)::int as events, count(*)::int as logs from logs', [])
  expect(examined).toEqual({
    logs: rows[0]?.['logs'],
    events: rows[0]?.['events'],
    sessions: 2,
    receipts: 1,
    blobs: 0,
    streams: 0,
    rooms: 0,
  })
  expect(bytes['events in the database']).toBeGreaterThan(100_000)
  expect(versions).toMatchObject({ coppice: 'test', node: process.version })
  expect(sessions.map((one) => one.sessionId).toSorted()).toEqual([sessionId, anotherId].toSorted())
})

test('[OB-2] an event that is missing is named with its position', async () => {
  const row = await oneRow('select * from events where log_no = $1 and position = 7')
  await store.query('delete from events where log_no = $1 and position = 7', [no])
  onTestFinished(async () => {
    await store.query('insert into events values ($1, $2, $3, $4, $5, $6, $7, $8)', Object.values(row))
  })
  const says = (await wrong()).map((one) => one.says)
  expect(says).toContain(`Log ${log}: position 7 is missing before position 8.`)
  expect(says.join()).toContain('position 8: the event is number')
})

test('[OB-2] an event that was changed is named by position where a tile covers it, and nothing of it is mended', async () => {
  const { body } = await oneRow('select body from events where log_no = $1 and position = 100')
  const changed = canonicalText({ ...(JSON.parse(String(body)) as object), data: { name: 'other', namedBy: 'user' } })
  await store.query('update events set body = $2 where log_no = $1 and position = 100', [no, changed])
  onTestFinished(async () => {
    await store.query('update events set body = $2 where log_no = $1 and position = 100', [no, body])
  })
  const found = await wrong(true)
  expect(found.filter(({ area }) => area === 'proof')).toMatchObject([
    { says: expect.stringContaining('The first event that is not as it was is at position 100.'), mending: 'no' },
    { says: expect.stringContaining('Tile 0/0'), mending: 'no' },
  ])
  const after = await oneRow('select body from events where log_no = $1 and position = 100')
  expect(after['body']).toBe(changed)
})

test('[OB-2] an event that cannot be read is named with what is wrong with it', async () => {
  const set = (body: string) => `update events set body = ${body} where log_no = $1 and position = 3`
  const { body } = await oneRow('select body from events where log_no = $1 and position = 3')
  await breaking(set(`'{"x":1}'`), set(`'${String(body)}'`))
  expect((await wrong()).map((one) => one.says).join('\n')).toContain(
    `Log ${log}, position 3: the event cannot be read`,
  )
})

test('[OB-2] an event of a kind that this version does not know is no error', async () => {
  const { body } = await oneRow('select body from events where log_no = $1 and position = 300')
  const later = canonicalText({ ...(JSON.parse(String(body)) as object), type: 'session.dreamt' })
  await store.query('update events set body = $2 where log_no = $1 and position = 300', [no, later])
  onTestFinished(async () => {
    await store.query('update events set body = $2 where log_no = $1 and position = 300', [no, body])
  })
  const { findings } = await look()
  expect(findings.filter(({ area }) => area === 'log')).toMatchObject([
    {
      level: 'degraded',
      says: `Log ${log} has 1 events that this version of Coppice does not know; they are kept and passed on.`,
    },
  ])
})

test('[OB-2] a tile that differs where a signed head shows the events right is named, and made anew', async () => {
  const { hashes } = await oneRow('select hashes from tree_tiles where log_no = $1 and level = 0 and tile = 1')
  await breaking(
    `update tree_tiles set hashes = set_byte(hashes, 64, (get_byte(hashes, 64) + 1) % 256)
     where log_no = $1 and level = 0 and tile = 1`,
    'select $1::int',
  )
  const says = `Tile 0/1 of the tree of log ${log} differs from the events, first at position 259.`
  expect(await wrong()).toMatchObject([{ says, mending: 'possible' }])
  expect(await wrong(true)).toMatchObject([{ says, mending: 'done' }])
  expect(await wrong()).toEqual([])
  const after = await oneRow('select hashes from tree_tiles where log_no = $1 and level = 0 and tile = 1')
  expect(after['hashes']).toEqual(hashes)
})

test('[OB-2] a tile that is missing between others is made anew', async () => {
  await breaking('delete from tree_tiles where log_no = $1 and level = 0 and tile = 0', 'select $1::int')
  expect(await wrong(true)).toMatchObject([{ says: `Tile 0/0 of the tree of log ${log} is missing.`, mending: 'done' }])
  expect(await wrong()).toEqual([])
})

test('[OB-2] a signed head of another history is named', async () => {
  const { body } = await oneRow('select body from tree_heads where log_no = $1 and size > 1 limit 1')
  const forged = String(body).replace(/"root":"../, '"root":"00')
  await store.query('update tree_heads set body = $2 where log_no = $1 and size > 1', [no, forged])
  onTestFinished(async () => {
    await store.query('update tree_heads set body = $2 where log_no = $1 and size > 1', [no, body])
  })
  expect((await wrong())[0]?.says).toContain("is not signed by this server's key")
})

test('[EV-6] headers equal a fold from the first event, row for row; one that does not is named and made anew', async () => {
  const header = (): Promise<Record<string, unknown>> =>
    oneRow(`select version, body from stream_headers where log_no = $1 and stream = 'session/${sessionId}'`)
  const before = await header()
  const change = `update stream_headers set body = replace(body, '"name":"${LIMITS.headEvents + 99}"', '"name":"wrong"')
    where log_no = $1 and stream = 'session/${sessionId}'`
  await breaking(change, 'select $1::int')
  const says = `Log ${log}: the header of session/${sessionId} differs from its events, first in sessions.name of ${sessionId}.`
  expect(await wrong()).toMatchObject([{ says, mending: 'possible' }])
  expect(await wrong(true)).toMatchObject([{ says, mending: 'done' }])
  expect(await wrong()).toEqual([])
  expect(await header()).toEqual(before)

  const which = `log_no = $1 and stream = 'session/${anotherId}'`
  await breaking(`delete from stream_headers where ${which}`, 'select $1::int')
  expect(await wrong()).toMatchObject([{ says: `Log ${log}: the header of session/${anotherId} is missing.` }])
  await breaking(
    `insert into stream_headers select log_no, 'session/nobody', version, projection, body
     from stream_headers where log_no = $1 and stream = 'session/${sessionId}'`,
    'select $1::int',
  )
  expect(await wrong(true)).toHaveLength(2)
  expect(await wrong()).toEqual([])
})

test('[OB-2] a receipt that does not fit the events is named', async () => {
  const where = 'log_no = $1 and position = 60'
  await breaking(`update events set event_count = 9 where ${where}`, `update events set event_count = 1 where ${where}`)
  const { id } = await oneRow('select id from events where log_no = $1 and position = 50')
  const command = String(id).slice(0, -2)
  await store.query(`insert into receipts values ($1, 'x', 50, null)`, [command])
  onTestFinished(async () => void (await store.query('delete from receipts where command_id = $1', [command])))
  const says = (await wrong()).filter(({ area }) => area !== 'proof').map((one) => one.says)
  expect(says.join('\n')).toMatch(/the receipt of command .* says 9 events, and [1-9]/)
  expect(says).toContain(`Command ${command} has a receipt that it made no event, and an event.`)
})

test('[OB-2] secrets that others may read, and what a killed process left, are mended', async () => {
  const secret = path.join(server.folder, 'local-tokens.json')
  fs.chmodSync(secret, 0o644)
  const left = path.join(server.folder, 'local-tokens.json.123.new')
  fs.writeFileSync(left, '{', { mode: 0o600 })
  const { findings } = await look()
  expect(findings).toContainEqual(expect.objectContaining({ level: 'wrong', mending: 'possible', area: 'folder' }))
  expect(findings.map((one) => one.says).join('\n')).toContain(`${left} was left by a process that was cut off.`)
  await look(true)
  expect(fs.statSync(secret).mode & 0o777).toBe(0o600)
  expect(fs.existsSync(left)).toBe(false)
  expect(await wrong()).toEqual([])
})

test('[OB-2] a running server is examined for its owner, and for nobody else', async () => {
  await store.close()
  const again = await startTestServer(server.place)
  const ask = (token: string): Promise<Response> =>
    fetch(`${again.url}/api/doctor`, { method: 'POST', body: '{}', headers: { authorization: `Bearer ${token}` } })
  const answer = (await (await ask(again.ownerToken)).json()) as { data: ServerExamination }
  expect(answer.data.findings.filter(({ level }) => level === 'wrong')).toEqual([])
  expect(answer.data.examined).toMatchObject({ sessions: 2 })
  expect((await ask(again.runnerToken)).status).toBe(403)
  expect((await ask('nobody')).status).toBe(401)
  await again.close()
  store = await openStore(server.place)
})
