import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { LOG_STREAM, newId } from '@coppice/events'
import { afterEach, beforeEach, expect, inject, test } from 'vitest'
import { createSession } from '../testing/commands.ts'
import { SyncClient } from '../testing/sync-client.ts'
import { startTestServer, withSession, type TestServer } from '../testing/test-server.ts'

let server: TestServer
let aside: string
beforeEach(async () => {
  server = await startTestServer()
  aside = fs.mkdtempSync(path.join(os.tmpdir(), 'coppice-backup-'))
})
afterEach(async () => {
  await server.stop()
  fs.rmSync(aside, { recursive: true, force: true })
})

const askBackup = (folder: string, token: string) =>
  fetch(`${server.url}/api/backup`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ folder }),
  })

test.runIf(inject('postgres') === undefined)(
  '[RL-11, LF-8] a backup made while the server runs is a whole store; restored, every log has a new epoch and says so',
  async () => {
    const { owner, log, workspaceId } = await withSession(server)
    const folder = path.join(aside, 'backup')
    // It is written to all the while.
    const before = Array.from({ length: 50 }, () => owner.push(createSession(workspaceId, newId())))
    const answer = await askBackup(folder, server.ownerToken)
    expect(await answer.json()).toMatchObject({ ok: true })
    const after = Array.from({ length: 50 }, () => owner.push(createSession(workspaceId, newId())))
    const receipts = await Promise.all([...before, ...after])
    expect(receipts.every(({ kind }) => kind === 'accepted')).toBe(true)
    const { logs } = await owner.next('access', (told) => told.logs.some((one) => one.log === log))
    const old = logs.find((one) => one.log === log)
    await owner.close()

    const copy = await startTestServer({ folder, dataFolder: folder, remove: async () => undefined })
    const client = await SyncClient.connect(copy.url, { token: copy.ownerToken })
    const now = client.welcome.logs.find((one) => one.log === log)
    expect(now?.epoch).not.toBe(old?.epoch)
    client.subscribe(log)
    const events = await client.eventsUpTo(log, now?.head ?? 0)
    expect(events.map(({ position }) => position)).toEqual(events.map((_, index) => index + 1))
    const last = events.at(-1)
    expect(last).toMatchObject({ stream: LOG_STREAM, type: 'log.restored', data: { size: events.length - 1 } })
    client.subscribe(log, 1, old?.epoch)
    expect(await client.next('reset')).toMatchObject({ log, cause: 'epoch' })
    await client.close()

    // Once is enough: another start goes on in the same epoch.
    const again = await copy.restart()
    const later = await SyncClient.connect(again.url, { token: again.ownerToken })
    expect(later.welcome.logs.find((one) => one.log === log)).toMatchObject({ epoch: now?.epoch, head: now?.head })
    await later.close()
    await again.close()
  },
)

test('only the owner can back up, and only into a folder that is not there; a PostgreSQL is backed up by its own tools', async () => {
  const there = await askBackup(aside, server.ownerToken)
  expect(there.status).toBe(409)
  expect((await there.json()) as unknown).toMatchObject({
    error: expect.stringContaining(inject('postgres') === undefined ? 'there already' : 'pg_dump'),
  })
  expect((await askBackup('somewhere', server.ownerToken)).status).toBe(409)
  expect((await askBackup(path.join(aside, 'x'), server.runnerToken)).status).toBe(403)
  expect(fs.readdirSync(aside)).toEqual([])
})
