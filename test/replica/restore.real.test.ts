import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { newId, sessionStream, type LogId, type RecordedEvent } from '@coppice/events'
import { MemoryOutbox, MemoryStore, openInPage, type Socket } from '@coppice/replica'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { SyncClient } from '../../apps/sync/src/testing/sync-client.ts'
import { startTestServer, withSession, type TestServer } from '../../apps/sync/src/testing/test-server.ts'

const PATIENCE = { timeout: 60_000, interval: 20 }

let server: TestServer
let aside: string
let closing: (() => Promise<void>)[] = []
beforeEach(async () => {
  server = await startTestServer()
  aside = fs.mkdtempSync(path.join(os.tmpdir(), 'coppice-restore-'))
  closing = []
})
afterEach(async () => {
  for (const close of closing) await close()
  await server.stop()
  fs.rmSync(aside, { recursive: true, force: true })
})

async function history(at: TestServer, log: LogId): Promise<RecordedEvent[]> {
  const client = await SyncClient.connect(at.url, { token: at.ownerToken })
  client.subscribe(log)
  const head = client.welcome.logs.find((one) => one.log === log)?.head ?? 0
  const events = (await client.eventsUpTo(log, head)) as RecordedEvent[]
  await client.close()
  return events
}

test('[RL-11, LF-8] after a restore a client is told, and offers again what was acknowledged to it and is gone: each once', async () => {
  const { owner, log, sessionId } = await withSession(server)
  await owner.close()
  let at = server
  const store = new MemoryStore()
  const replica = openInPage({
    store,
    outbox: new MemoryOutbox(),
    userId: 'owner',
    clientId: newId(),
    appVersion: 'test',
    connect: () =>
      new WebSocket(`${at.url.replace('http', 'ws')}/sync`, {
        headers: { authorization: `Bearer ${at.ownerToken}` },
      }) as unknown as Socket,
  })
  closing.push(() => replica.close())
  const say = async (text: string) => {
    const sent = await replica.command({ log, stream: sessionStream(sessionId) }, 'message.send', {
      messageId: newId(),
      text,
    })
    if ('settled' in sent) expect(await sent.settled).toEqual({ kind: 'accepted' })
  }
  await vi.waitFor(() => expect(replica.connection().complete).toBe(true), PATIENCE)
  await say('before the backup')
  const folder = path.join(aside, 'backup')
  const answer = await fetch(`${server.url}/api/backup`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.ownerToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ folder }),
  })
  expect(answer.status).toBe(200)
  for (const n of [1, 2, 3]) await say(`after the backup, ${n}`)
  await vi.waitFor(
    async () =>
      expect((await store.cursors()).find((one) => one.log === log)?.position).toBe(
        (await history(server, log)).length,
      ),
    PATIENCE,
  )

  await server.close()
  const restored = await startTestServer({ folder, dataFolder: folder, remove: async () => undefined })
  closing.push(() => restored.close())
  at = restored
  replica.networkChanged(true)
  await vi.waitFor(() => expect(replica.connection().setBack).toContain('offered again'), PATIENCE)
  await vi.waitFor(() => expect(replica.connection()).toMatchObject({ waiting: 0, state: 'online' }), PATIENCE)
  const said = (await history(restored, log)).flatMap(({ type, data }) =>
    type === 'message.queued' ? [data['text']] : [],
  )
  expect(said).toEqual(['before the backup', 'after the backup, 1', 'after the backup, 2', 'after the backup, 3'])
  expect(replica.connection().distrust).toBe('')
})
