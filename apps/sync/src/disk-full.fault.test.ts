import fs from 'node:fs'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { newId } from '@coppice/events'
import type { Failure, FromServer, Receipt } from '@coppice/protocol'
import { afterEach, beforeEach, expect, inject, test } from 'vitest'
import { createSession } from './testing/commands.ts'
import { freshDataFolder, type TestPlace } from './testing/data-folder.ts'
import { begin, check, type Known } from './testing/load.ts'
import { startServerProcess, type ServerProcess } from './testing/server-process.ts'
import { SyncClient } from './testing/sync-client.ts'

const FULL_DISK = new URL('./testing/full-disk.ts', import.meta.url).pathname
const isAnswer = (message: FromServer): message is Receipt | Failure => message.t === 'receipt' || message.t === 'error'

/** Each makes the database grow by so much. */
const MESSAGE = 'x'.repeat(40_000)
/** More than fit before the disk is full. */
const MOST = 2_000

let place: TestPlace
let server: ServerProcess
let known: Known
let flag: string
beforeEach(async () => {
  place = await freshDataFolder()
  flag = `${place.folder}.full`
})
afterEach(async () => {
  fs.rmSync(flag, { force: true })
  if (server.child.exitCode === null && server.child.signalCode === null) await server.kill('SIGKILL')
  await place.remove()
})

const start = (root: string): Promise<ServerProcess> =>
  startServerProcess(place, undefined, ['--port', '0'], {
    imports: [FULL_DISK],
    env: { FULL_DISK_ROOT: root, FULL_DISK_FLAG: flag },
  })

/** Sends new sessions, some at a time, each with a long message, until the server says that it cannot; gives its words. */
async function sendUntilRefused(atOnce = 1): Promise<string> {
  const client = await SyncClient.connect(server.url, { token: server.ownerToken })
  while (known.acknowledged.size < MOST) {
    const commands = Array.from({ length: atOnce }, () => createSession(known.workspaceId, newId(), MESSAGE))
    for (const command of commands) known.pending.set(command.id, command)
    client.send({ t: 'push', commands })
    let answers = client.received.filter(isAnswer)
    for (; answers.length < atOnce; answers = client.received.filter(isAnswer)) {
      const said = answers.find(({ t }) => t === 'error')
      if (said?.t === 'error') return said.message
      // Closed without a word: its process is gone.
      if (client.socket.readyState !== client.socket.OPEN) return ''
      await pause(2)
    }
    for (const answer of answers) {
      if (answer.t === 'error') return answer.message
      if (answer.result.kind !== 'accepted') throw new Error(JSON.stringify(answer))
      known.acknowledged.set(answer.commandId, answer.result)
      known.pending.delete(answer.commandId)
    }
    client.forget()
  }
  throw new Error(`${MOST} commands were stored, and the disk was never full`)
}

/** Offers again what had no answer, as an outbox does, and finds everything in the log once. */
async function everythingIsThere(): Promise<void> {
  const client = await SyncClient.connect(server.url, { token: server.ownerToken })
  for (const command of known.pending.values()) {
    const result = await client.push(command)
    if (result.kind !== 'accepted') throw new Error(JSON.stringify(result))
    known.acknowledged.set(command.id, result)
  }
  await client.close()
  const after = await SyncClient.connect(server.url, { token: server.ownerToken })
  await check(after, known, 0)
  await after.close()
}

test.runIf(inject('postgres') === undefined)(
  '[RL-4] a full disk is said so, the server stays, nothing acknowledged is lost, and with room it goes on by itself',
  async () => {
    server = await start(path.join(place.folder, 'store'))
    known = await begin(server)
    fs.writeFileSync(flag, '')
    expect(await sendUntilRefused()).toContain('The disk of the server is full')
    // What is there can still be read, and who asks over HTTP is told the same.
    const reading = await SyncClient.connect(server.url, { token: server.ownerToken })
    await check(reading, known, 0)
    await reading.close()
    expect(server.child.exitCode).toBe(null)
    await expect.poll(() => server.said.join('\n')).toContain('No space left on device')
    fs.rmSync(flag)
    await everythingIsThere().catch((error: unknown) => {
      throw new Error(`it said: ${server.said.join(' | ')}`, { cause: error })
    })
  },
)

test.runIf(inject('postgres') === undefined)(
  '[RL-4] without room for the write-ahead log the server ends and says why; started again with room it has everything',
  async () => {
    server = await start(path.join(place.folder, 'store', 'pg', 'pg_wal'))
    known = await begin(server)
    const ended = new Promise((resolve) => server.child.once('exit', resolve))
    fs.writeFileSync(flag, '')
    await sendUntilRefused(50)
    expect(await ended).toBe(1)
    await expect.poll(() => server.said.join('\n')).toMatch(/No space left on device/)
    await expect
      .poll(() => server.said.at(-1))
      .toMatch(/The store has stopped: .* Everything acknowledged is on disk; start the server again/)
    fs.rmSync(flag)
    server = await start(place.folder)
    await everythingIsThere()
  },
)

test.runIf(inject('postgres') === undefined)(
  '[RL-4] a folder that becomes read-only is said so; when it can be written again nothing is lost',
  async () => {
    server = await start(path.join(place.folder, 'store'))
    known = await begin(server)
    fs.writeFileSync(flag, 'read only')
    await sendUntilRefused()
    // It may have ended by itself: a database that cannot write its log trusts nothing any more.
    if (server.child.exitCode === null) await server.kill('SIGKILL')
    await expect.poll(() => server.said.join('\n')).toMatch(/Read-only file system/)
    // As long as it cannot be written, a start says so and changes nothing.
    await expect(start(place.folder)).rejects.toThrow(/cannot be written: it is on a read-only file system/)
    fs.rmSync(flag)
    server = await start(place.folder)
    await everythingIsThere()
  },
)

test.runIf(inject('postgres') === undefined)(
  '[RL-4, RL-11] a backup on a disk that is full is refused with the reason; the server ends rather than stand still, and has everything when it is started again',
  async () => {
    server = await start(path.join(place.folder, 'store'))
    known = await begin(server)
    const ended = new Promise((resolve) => server.child.once('exit', resolve))
    fs.writeFileSync(flag, '')
    const answer = await fetch(`${server.url}/api/backup`, {
      method: 'POST',
      headers: { authorization: `Bearer ${server.ownerToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ folder: `${place.folder}.backup` }),
    })
    expect(answer.ok).toBe(false)
    expect(await answer.text()).toMatch(/The backup could not be finished: .*(No space left|could not write)/)
    expect(await ended).toBe(1)
    await expect.poll(() => server.said.at(-1)).toMatch(/The store has stopped: .* start the server again/)
    fs.rmSync(flag)
    server = await start(place.folder)
    await everythingIsThere()
  },
)
