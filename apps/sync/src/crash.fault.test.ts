import { setTimeout as pause } from 'node:timers/promises'
import { newId, workspaceLog, type AnyEvent, type Command } from '@coppice/events'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createSession, createWorkspace, renameSession } from './testing/commands.ts'
import { freshDataFolder } from './testing/data-folder.ts'
import { forgetUnsynced } from './testing/forgetful-disk.ts'
import { seeded } from './testing/random.ts'
import { ServerDidNotStart, startServerProcess, type ServerProcess } from './testing/server-process.ts'
import { SyncClient } from './testing/sync-client.ts'

/** How often the server is killed in each test; more by COPPICE_KILLS. The seed by COPPICE_SEED, printed on failure. */
const KILLS = Number(process.env['COPPICE_KILLS'] ?? 4)
const SEED = Number(process.env['COPPICE_SEED'] ?? Date.now() % 1_000_000)
const IN_FLIGHT = 32

let folder: Awaited<ReturnType<typeof freshDataFolder>>
let server: ServerProcess | undefined
beforeEach(async () => {
  folder = await freshDataFolder()
})
afterEach(async () => {
  if (server?.child.exitCode === null && server.child.signalCode === null) await server.kill('SIGKILL')
  folder.remove()
})

/** What a client knows: what it sent and has no answer for, and what was acknowledged, with the positions it was told. */
interface Known {
  readonly workspaceId: string
  readonly sessionId: string
  readonly pending: Map<string, Command>
  readonly acknowledged: Map<string, { from: number; to: number }>
}

/** Sends commands as fast as they are answered, until the server dies; what was pending before comes first. */
async function load(client: SyncClient, known: Known, name: () => string): Promise<void> {
  const send = (command: Command): void => {
    known.pending.set(command.id, command)
    client.send({ t: 'push', commands: [command] })
  }
  for (const command of known.pending.values()) send(command)
  let read = client.received.length
  while (client.socket.readyState === client.socket.OPEN) {
    for (; read < client.received.length; read += 1) {
      const message = client.received[read]
      if (message?.t !== 'receipt') continue
      if (message.result.kind === 'refused') throw new Error(`refused: ${JSON.stringify(message)}`)
      known.acknowledged.set(message.commandId, message.result)
      known.pending.delete(message.commandId)
    }
    while (known.pending.size < IN_FLIGHT) send(renameSession(known.workspaceId, known.sessionId, name()))
    await pause(1)
  }
}

/** Every acknowledged command is in the log, once, where its receipt said; positions have no gap. */
async function check(
  client: SyncClient & { welcome: { logs: { log: string; head: number }[] } },
  known: Known,
): Promise<AnyEvent[]> {
  const log = workspaceLog(known.workspaceId)
  const head = client.welcome.logs.find((one) => one.log === log)?.head ?? 0
  client.subscribe(log)
  const events = await client.eventsUpTo(log, head)
  expect(events.map((event) => event.position)).toEqual(events.map((_, index) => index + 1))
  const times = new Map<string, number>()
  for (const event of events) times.set(event.id, (times.get(event.id) ?? 0) + 1)
  for (const [commandId, { from }] of known.acknowledged) {
    expect(events[from - 1]?.id, `acknowledged at ${from}, seed ${SEED}`).toBe(`${commandId}.0`)
    expect(times.get(`${commandId}.0`)).toBe(1)
  }
  return events
}

async function begin(first: ServerProcess): Promise<Known> {
  const known: Known = { workspaceId: newId(), sessionId: newId(), pending: new Map(), acknowledged: new Map() }
  const owner = await SyncClient.connect(first.url, { token: first.ownerToken })
  await owner.push(createWorkspace(known.workspaceId, first.runnerId))
  await owner.push(createSession(known.workspaceId, known.sessionId))
  await owner.close()
  return known
}

test('[SY-1] the server is killed under load, again and again: every acknowledged command is there, once, in order', async () => {
  const random = seeded(SEED)
  server = await startServerProcess(folder.folder)
  const known = await begin(server)
  let count = 0
  for (let kill = 0; kill < KILLS; kill += 1) {
    const client = await SyncClient.connect(server.url, { token: server.ownerToken })
    const loading = load(client, known, () => `name ${(count += 1)}`)
    await pause(150 + random() * 600)
    await server.kill('SIGKILL')
    await loading
    server = await startServerProcess(folder.folder)
    const after = await SyncClient.connect(server.url, { token: server.ownerToken })
    await check(after, known)
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
  const events = await check(last, known)
  expect(events.length).toBe(known.acknowledged.size + 3)
  expect(known.acknowledged.size).toBeGreaterThan(KILLS)
  await last.close()
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
  server = await startServerProcess(folder.folder, disk)
  const known = await begin(server)
  let forgotten = 0
  for (let cut = 0; cut < KILLS; cut += 1) {
    forgotten += await cutPower(known, disk, random)
    server = await startServerProcess(folder.folder, disk)
    const after = await SyncClient.connect(server.url, { token: server.ownerToken })
    await check(after, known)
    await after.close()
  }
  expect(forgotten, 'the disk had something to forget').toBeGreaterThan(0)
  expect(known.acknowledged.size).toBeGreaterThan(KILLS)
})

test('the power cut is a sharp test: on a disk that only says it synced, acknowledged commands are lost', async () => {
  const disk = { journal: `${folder.folder}.journal`, lies: true }
  server = await startServerProcess(folder.folder, disk)
  const known = await begin(server)
  await cutPower(known, disk, () => 0)
  expect(known.acknowledged.size).toBeGreaterThan(0)
  const check = async (): Promise<boolean> => {
    server = await startServerProcess(folder.folder)
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
