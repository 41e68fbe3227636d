import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, expect, onTestFailed, test } from 'vitest'
import { anotherFolder, freshDataFolder, type TestPlace } from '../testing/data-folder.ts'
import { begin, check, load } from '../testing/load.ts'
import { seeded } from '../testing/random.ts'
import { startServerProcess, type ServerProcess } from '../testing/server-process.ts'
import { SyncClient } from '../testing/sync-client.ts'

const KILLS = Number(process.env['COPPICE_KILLS'] ?? 4)
const SEED = Number(process.env['COPPICE_SEED'] ?? Date.now() % 1_000_000)

let places: TestPlace[]
let servers: ServerProcess[]
beforeEach(async () => {
  const place = await freshDataFolder()
  places = [place, anotherFolder(place)]
  servers = await Promise.all(places.map((one) => startServerProcess(one)))
})
afterEach(async () => {
  for (const server of servers) if (server.child.exitCode === null) await server.kill('SIGKILL')
  for (const place of places.toReversed()) await place.remove()
})

const serverAt = (index: number): ServerProcess => {
  const server = servers[index % 2]
  if (server === undefined) throw new Error('no such server')
  return server
}

test('[SY-3] one of two servers is killed under load, again and again: its clients go on at the other, nothing acknowledged is lost, none is there twice', async () => {
  const random = seeded(SEED)
  onTestFailed(() => console.error({ seed: SEED, said: servers.map((server) => server.said) }))
  const token = serverAt(0).ownerToken
  const known = await begin(serverAt(0))
  // Somebody who writes all the time through the server that stays.
  const steady = await begin(serverAt(1))
  const together = { ...known, pending: new Map(), acknowledged: new Map() }
  let count = 0
  const name = (): string => `name ${(count += 1)}`
  for (let kill = 0; kill < KILLS; kill += 1) {
    const [dying, staying] = [serverAt(kill), serverAt(kill + 1)]
    const client = await SyncClient.connect(dying.url, { token })
    const neighbour = await SyncClient.connect(staying.url, { token })
    const loads = [load(client, known, name), load(neighbour, together, name)]
    await pause(300 + random() * 500)
    await dying.kill('SIGKILL')
    await loads[0]
    // What had no answer is offered to the other server, while that is busy.
    const switched = await SyncClient.connect(staying.url, { token })
    const goingOn = load(switched, known, name)
    await pause(200)
    await Promise.all([switched.close(), neighbour.close()])
    await Promise.all([goingOn, loads[1]])
    const after = await SyncClient.connect(staying.url, { token })
    await check(after, known, SEED)
    await after.close()
    const place = places[kill % 2]
    if (place) servers[kill % 2] = await startServerProcess(place)
  }
  const last = await SyncClient.connect(serverAt(0).url, { token })
  for (const mine of [known, together])
    for (const command of mine.pending.values()) {
      const result = await last.push(command)
      if (result.kind === 'accepted') mine.acknowledged.set(command.id, result)
    }
  await last.close()
  const reader = await SyncClient.connect(serverAt(1).url, { token })
  const events = await check(reader, known, SEED)
  await reader.close()
  const reader2 = await SyncClient.connect(serverAt(1).url, { token })
  await check(reader2, together, SEED)
  await check(reader2, steady, SEED)
  await reader2.close()
  expect(events.length).toBe(known.acknowledged.size + together.acknowledged.size + 3)
  expect(known.acknowledged.size).toBeGreaterThan(KILLS)
})
