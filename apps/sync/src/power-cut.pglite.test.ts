import { setTimeout as pause } from 'node:timers/promises'
import { workspaceLog } from '@coppice/events'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { freshDataFolder, type TestPlace } from './testing/data-folder.ts'
import { forgetUnsynced } from './testing/forgetful-disk.ts'
import { begin, check, load, type Known } from './testing/load.ts'
import { seeded } from './testing/random.ts'
import { ServerDidNotStart, startServerProcess, type ServerProcess } from './testing/server-process.ts'
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

/** Load, kill, and a power cut; then the server again on what the disk remembers. */
async function cutPower(known: Known, disk: { journal: string; lies: boolean }, random: () => number): Promise<number> {
  if (server === undefined) throw new Error('no server runs')
  const client = await SyncClient.connect(server.url, { token: server.ownerToken })
  let count = 0
  const loading = load(client, known, () => `name ${random()} ${(count += 1)}`)
  await pause(300 + random() * 500)
  await server.kill('SIGKILL')
  await loading
  return forgetUnsynced(folder.folder, disk.journal, random)
}

test('[RL-3] a power cut forgets all that was not synced, and nothing acknowledged is lost', async () => {
  const random = seeded(SEED)
  const disk = { journal: `${folder.folder}.journal`, lies: false }
  server = await startServerProcess(folder, disk)
  const known = await begin(server)
  let forgotten = 0
  for (let cut = 0; cut < KILLS; cut += 1) {
    forgotten += await cutPower(known, disk, random)
    server = await startServerProcess(folder, disk)
    const after = await SyncClient.connect(server.url, { token: server.ownerToken })
    await check(after, known, SEED)
    await after.close()
  }
  expect(forgotten, 'the disk had something to forget').toBeGreaterThan(0)
  expect(known.acknowledged.size).toBeGreaterThan(KILLS)
})

test('the power cut is a sharp test: on a disk that only says it synced, acknowledged commands are lost', async () => {
  const disk = { journal: `${folder.folder}.journal`, lies: true }
  server = await startServerProcess(folder, disk)
  const known = await begin(server)
  await cutPower(known, disk, () => 0)
  expect(known.acknowledged.size).toBeGreaterThan(0)
  const check = async (): Promise<boolean> => {
    server = await startServerProcess(folder)
    const after = await SyncClient.connect(server.url, { token: server.ownerToken })
    const there = after.welcome.logs.some((one) => one.log === workspaceLog(known.workspaceId))
    await after.close()
    return there
  }
  const survived = await check().catch((error: unknown) => {
    if (error instanceof ServerDidNotStart) return false
    throw error
  })
  expect(survived).toBe(false)
})
