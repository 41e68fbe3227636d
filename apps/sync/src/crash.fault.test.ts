import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { freshDataFolder, type TestPlace } from './testing/data-folder.ts'
import { begin, check, load } from './testing/load.ts'
import { seeded } from './testing/random.ts'
import { startServerProcess, type ServerProcess } from './testing/server-process.ts'
import { SyncClient } from './testing/sync-client.ts'

/** How often the server is killed in each test; more by COPPICE_KILLS. The seed by COPPICE_SEED, printed on failure. */
const KILLS = Number(process.env['COPPICE_KILLS'] ?? 4)
const SEED = Number(process.env['COPPICE_SEED'] ?? Date.now() % 1_000_000)

let folder: TestPlace
let server: ServerProcess | undefined
beforeEach(async () => {
  folder = await freshDataFolder()
})
afterEach(async () => {
  if (server?.child.exitCode === null && server.child.signalCode === null) await server.kill('SIGKILL')
  await folder.remove()
})

test('[SY-1] the server is killed under load, again and again: every acknowledged command is there, once, in order', async () => {
  const random = seeded(SEED)
  server = await startServerProcess(folder)
  const known = await begin(server)
  let count = 0
  for (let kill = 0; kill < KILLS; kill += 1) {
    const client = await SyncClient.connect(server.url, { token: server.ownerToken })
    const loading = load(client, known, () => `name ${(count += 1)}`)
    await pause(150 + random() * 600)
    await server.kill('SIGKILL')
    await loading
    server = await startServerProcess(folder)
    const after = await SyncClient.connect(server.url, { token: server.ownerToken })
    await check(after, known, SEED)
    await after.close()
  }
  // What had no answer is offered again, as an outbox does, and is there once as well.
  const client = await SyncClient.connect(server.url, { token: server.ownerToken })
  for (const command of known.pending.values()) {
    const result = await client.push(command).catch((error: unknown) => {
      throw new Error(`seed ${SEED}; the server said: ${server?.said.join(' | ')}`, { cause: error })
    })
    if (result.kind === 'accepted') known.acknowledged.set(command.id, result)
  }
  await client.close()
  const last = await SyncClient.connect(server.url, { token: server.ownerToken })
  const events = await check(last, known, SEED)
  expect(events.length).toBe(known.acknowledged.size + 3)
  expect(known.acknowledged.size).toBeGreaterThan(KILLS)
  await last.close()
})
