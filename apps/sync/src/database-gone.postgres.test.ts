import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { renameSession } from './testing/commands.ts'
import { freshDataFolder, type TestPlace } from './testing/data-folder.ts'
import { startNats } from './testing/nats-server.ts'
import { startPostgres, type PostgresServer } from './testing/postgres-server.ts'
import { SyncClient } from './testing/sync-client.ts'
import { startTestServer, withSession } from './testing/test-server.ts'

let database: PostgresServer
let place: TestPlace
beforeEach(async () => {
  database = await startPostgres()
  const fresh = await freshDataFolder()
  place = { ...fresh, databaseUrl: database.url }
})
afterEach(async () => {
  await place.remove()
  await database.remove()
})

const said = (reports: readonly unknown[]): string => reports.map(String).join('\n')

test.each(['fast', 'immediate'] as const)(
  '[RL-4] the database goes (%s) and comes back: nothing is acknowledged meanwhile, all is told, all goes on by itself',
  async (how) => {
    const server = await startTestServer(place)
    const { owner, workspaceId, sessionId, log } = await withSession(server)
    const acknowledged: string[] = []
    for (let n = 0; n < 20; n += 1) {
      const command = renameSession(workspaceId, sessionId, `before ${n}`)
      expect((await owner.push(command)).kind).toBe('accepted')
      acknowledged.push(command.id)
    }
    await database.halt(how)

    const pending = renameSession(workspaceId, sessionId, 'while it was gone')
    owner.send({ t: 'push', commands: [pending] })
    expect(await owner.next('error')).toMatchObject({ code: 'internal', fatal: true })
    await owner.closed
    expect(owner.received.some((message) => message.t === 'receipt' && message.commandId === pending.id)).toBe(false)
    const rest = await fetch(`${server.url}/api/me`, { headers: { authorization: `Bearer ${server.ownerToken}` } })
    expect(rest.status).toBe(503)
    expect(await rest.json()).toMatchObject({ ok: false, code: 'unavailable' })
    const turnedAway = await SyncClient.open(server.url, { token: server.ownerToken })
    expect(await turnedAway.next('error')).toMatchObject({ code: 'internal', fatal: true })
    await expect.poll(() => said(server.reports)).toContain('Nothing is acknowledged until it is back')

    await database.start()
    await expect.poll(() => said(server.reports)).toContain('The database is back')
    const again = await SyncClient.connect(server.url, { token: server.ownerToken })
    expect((await again.push(pending)).kind).toBe('accepted')
    again.subscribe(log)
    const events = await again.eventsUpTo(log, 24)
    const ids = events.map((event) => event.id)
    for (const id of [...acknowledged, pending.id]) expect(ids.filter((one) => one === `${id}.0`)).toHaveLength(1)
    expect(said(server.reports)).not.toContain('password')
    await again.close()
    await server.stop()
  },
)

test('[RL-4] NATS goes and comes back: it is said, the database carries the news, and everything goes on', async () => {
  const nats = await startNats()
  const a = await startTestServer(place, nats.url)
  const other = await freshDataFolder()
  const b = await startTestServer({ ...other, databaseUrl: database.url }, nats.url)
  const { owner, workspaceId, sessionId, log } = await withSession(a)
  const there = await SyncClient.connect(b.url, { token: b.ownerToken })
  there.subscribe(log)
  await there.eventsUpTo(log, 3)
  await nats.stop()
  await expect.poll(() => said(a.reports)).toContain('NATS is away')
  await owner.push(renameSession(workspaceId, sessionId, 'without NATS'))
  await there.eventsUpTo(log, 4)
  await nats.start()
  await pause(1_500)
  await owner.push(renameSession(workspaceId, sessionId, 'with NATS'))
  await there.eventsUpTo(log, 5)
  await Promise.all([owner.close(), there.close()])
  await b.stop()
  await a.stop()
})

test('[RL-4] a database that cannot be used is said in one line, without the password', async () => {
  const refusal = async (databaseUrl: string): Promise<string> =>
    startTestServer({ ...place, databaseUrl }).then(
      () => 'it started',
      (error: Error) => error.message,
    )
  const { port } = new URL(database.url)
  expect(await refusal('mysql://u:hush@127.0.0.1/x')).toMatch(/no address of a PostgreSQL.*Nothing was changed/)
  expect(await refusal(`postgres://u:hush@127.0.0.1:1/x`)).toMatch(
    /No PostgreSQL can be used at 127\.0\.0\.1:1: .*REFUSED/,
  )
  expect(await refusal(`postgres://coppice:hush@127.0.0.1:${port}/nowhere`)).toMatch(/no database nowhere.*createdb/)
  expect(await refusal(`postgres://stranger:hush@127.0.0.1:${port}/postgres`)).toMatch(/refuses user stranger/)
  for (const url of ['mysql://u:hush@127.0.0.1/x', `postgres://stranger:hush@127.0.0.1:${port}/postgres`])
    expect(await refusal(url)).not.toContain('hush')
})
