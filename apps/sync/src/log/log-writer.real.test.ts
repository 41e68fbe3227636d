import {
  INSTANCE_LOG,
  INSTANCE_STREAM,
  newId,
  runnerStream,
  sessionStream,
  workspaceLog,
  type LogId,
} from '@coppice/events'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Directory } from '../access/directory.ts'
import type { Principal } from '../principal.ts'
import { openStore } from '../store/open-store.ts'
import type { RunningStore } from '../store/running-store.ts'
import { agentMessage, createSession, createWorkspace, renameSession } from '../testing/commands.ts'
import { derivingFrom } from '../testing/deriving.ts'
import { freshDataFolder, type TestPlace } from '../testing/data-folder.ts'
import type { Commit } from './log-writer.ts'
import { Logs } from './logs.ts'
import { serverCommand } from './server-command.ts'

const mara: Principal = { kind: 'user', id: 'mara', name: 'Mara' }
const runner: Principal = { kind: 'runner', id: 'r1', name: 'Here' }

let folder: TestPlace
let store: RunningStore
let logs: Logs
let commits: Commit[]
let workspaceId: string
let sessionId: string
let log: LogId

/** The same store, everything in memory gone: as after a restart. */
async function openLogs(over: RunningStore = store): Promise<Logs> {
  const directory = new Directory()
  const opened = new Logs({
    store: over,
    directory,
    now: Date.now,
    committed: (commit) => {
      for (const event of commit.events) directory.apply(event)
      commits.push(commit)
    },
    deriving: await derivingFrom(over),
  })
  await opened.load()
  return opened
}

beforeEach(async () => {
  folder = await freshDataFolder()
  store = await openStore(folder)
  commits = []
  logs = await openLogs()
  workspaceId = newId()
  sessionId = newId()
  log = workspaceLog(workspaceId)
  const instance = { log: INSTANCE_LOG, stream: INSTANCE_STREAM }
  await serverCommand(logs, instance, 'user.join', { userId: 'mara', name: 'Mara', role: 'owner' })
  await serverCommand(logs, { log: INSTANCE_LOG, stream: runnerStream('r1') }, 'runner.register', {
    runnerId: 'r1',
    name: 'Here',
  })
  const writer = await logs.open(log)
  await writer.submit(createWorkspace(workspaceId, 'r1'), mara)
  await writer.submit(createSession(workspaceId, sessionId), mara)
})
afterEach(async () => {
  await store.close()
  await folder.remove()
})

const stored = async (): Promise<
  { id: string; position: number; streamVersion: number; type: string; stream: string }[]
> => {
  const { no } = await logs.open(log)
  return (await store.readLog(no, 0, 100_000)).bodies.map((body) => JSON.parse(body))
}

test('[EV-2] positions are gapless in the log and versions in the stream, whatever is pushed at once', async () => {
  const writer = await logs.open(log)
  const commands = Array.from({ length: 300 }, (_, n) =>
    n % 3 === 0 ? createSession(workspaceId, newId()) : renameSession(workspaceId, sessionId, `name ${n}`),
  )
  const results = await Promise.all(commands.map((command) => writer.submit(command, mara)))
  expect(results.every((result) => result.kind === 'accepted')).toBe(true)
  const events = await stored()
  expect(events.map((event) => event.position)).toEqual(events.map((_, index) => index + 1))
  const versions = events
    .filter((event) => event.stream === sessionStream(sessionId))
    .map((event) => event.streamVersion)
  expect(versions).toEqual(versions.map((_, index) => index + 1))
  expect(commits.flatMap((commit) => commit.events).filter((event) => event.log === log)).toEqual(events)
})

test('commands that come together share a commit', async () => {
  let appends = 0
  const counting: RunningStore = {
    ...store,
    append: (batch) => {
      appends += 1
      return store.append(batch)
    },
  }
  const writer = await (await openLogs(counting)).open(log)
  await Promise.all(
    Array.from({ length: 100 }, (_, n) => writer.submit(renameSession(workspaceId, sessionId, `n${n}`), mara)),
  )
  expect(appends).toBeLessThan(10)
})

test('[SY-1] the same command again gets the same receipt, at once, at the same time, and after a restart', async () => {
  const command = renameSession(workspaceId, sessionId, 'Once')
  const writer = await logs.open(log)
  const [first, meanwhile] = await Promise.all([writer.submit(command, mara), writer.submit(command, mara)])
  expect(first.kind).toBe('accepted')
  expect(meanwhile).toEqual(first)
  expect(await writer.submit(command, mara)).toEqual(first)
  const length = (await stored()).length
  logs = await openLogs()
  const neighbour = renameSession(workspaceId, sessionId, 'Neighbour')
  const again = await logs.open(log)
  const [repeated, fresh] = await Promise.all([again.submit(command, mara), again.submit(neighbour, mara)])
  expect(repeated).toEqual(first)
  expect(fresh.kind).toBe('accepted')
  expect((await stored()).length).toBe(length + 1)
})

test('[SY-1] after a restart a whole outbox of commands that were stored, offered one by one, gets its old receipts', async () => {
  const commands = Array.from({ length: 12 }, (_, n) => renameSession(workspaceId, sessionId, `name ${n}`))
  const writer = await logs.open(log)
  const before = await Promise.all(commands.map((command) => writer.submit(command, mara)))
  logs = await openLogs()
  const again = await logs.open(log)
  for (const [n, command] of commands.entries()) expect(await again.submit(command, mara)).toEqual(before[n])
})

test('[SY-1] the same id with other content, or from somebody else, is a conflict; a refusal is repeated as it was', async () => {
  const command = renameSession(workspaceId, sessionId, 'Mine')
  const writer = await logs.open(log)
  await writer.submit(command, mara)
  const other = { ...command, data: { name: 'Theirs' } }
  expect(await writer.submit(other, mara)).toMatchObject({ refusal: { code: 'conflict' } })
  logs = await openLogs()
  const again = await logs.open(log)
  expect(await again.submit(other, mara)).toMatchObject({ refusal: { code: 'conflict' } })
  expect(await again.submit(command, { ...mara, id: 'ben' })).toMatchObject({ refusal: { code: 'conflict' } })
  const refused = createSession(workspaceId, sessionId)
  const refusal = await again.submit(refused, mara)
  expect(refusal).toMatchObject({ kind: 'refused', refusal: { code: 'already_exists' } })
  logs = await openLogs()
  expect(await (await logs.open(log)).submit(refused, mara)).toEqual(refusal)
})

test('[EV-8] one bad command fails alone: its neighbours in the same commit are stored', async () => {
  const writer = await logs.open(log)
  const fine = (n: number) => renameSession(workspaceId, sessionId, `fine ${n}`)
  const bad = { ...fine(0), type: 'session.explode' }
  const large = { ...fine(0), id: fine(0).id, data: { name: 'x'.repeat(100_000) } }
  const strange = { ...fine(0), id: fine(0).id, stream: 'runner/r1' as never }
  const results = await Promise.all(
    [fine(1), bad, fine(2), large, strange, fine(3)].map((command) => writer.submit(command, mara)),
  )
  expect(results.map((result) => result.kind)).toEqual([
    'accepted',
    'refused',
    'accepted',
    'refused',
    'refused',
    'accepted',
  ])
})

test('[EV-8] odd characters in what an agent says are made safe, and stored', async () => {
  const epoch = await logs.nextProducerEpoch('r1')
  const writer = await logs.open(log)
  const good = agentMessage(workspaceId, sessionId, 'hello', { id: 'r1', epoch, seq: 1 })
  const odd = agentMessage(workspaceId, sessionId, 'NUL \u0000 and half a pair \ud800', { id: 'r1', epoch, seq: 2 })
  expect(await writer.observe([good, odd], runner, [])).toEqual({ rejected: [] })
  expect((await stored()).slice(-2)).toMatchObject([
    { data: { text: 'hello' } },
    { data: { text: 'NUL \u0000 and half a pair \ufffd' } },
  ])
})

test('an observation offered again is stored once, also under the epoch of a new connection; other content is a conflict', async () => {
  const epoch = await logs.nextProducerEpoch('r1')
  const writer = await logs.open(log)
  const event = agentMessage(workspaceId, sessionId, 'hello', { id: 'r1', epoch, seq: 1 })
  await writer.observe([event], runner, [])
  const length = (await stored()).length
  logs = await openLogs()
  const next = await logs.nextProducerEpoch('r1')
  const again = await logs.open(log)
  const fresh = agentMessage(workspaceId, sessionId, 'more', { id: 'r1', epoch: next, seq: 2 })
  const repeated = { ...event, producer: { id: 'r1', epoch: next, seq: 1 } }
  expect(await again.observe([repeated, fresh], runner, [])).toEqual({ rejected: [] })
  expect((await stored()).length).toBe(length + 1)
  const changed = { ...repeated, data: { ...event.data, text: 'other' } }
  expect((await again.observe([changed], runner, [])).rejected).toMatchObject([
    { id: event.id, refusal: { code: 'conflict' } },
  ])
})

test('a runner whose epoch is over is fenced; another runner, and a runner in a name of a person, are refused', async () => {
  const old = await logs.nextProducerEpoch('r1')
  const now = await logs.nextProducerEpoch('r1')
  const writer = await logs.open(log)
  const late = agentMessage(workspaceId, sessionId, 'late', { id: 'r1', epoch: old, seq: 1 })
  expect(await writer.observe([late], runner, [])).toMatchObject({ refusal: { code: 'fenced' } })
  const other: Principal = { kind: 'runner', id: 'r2', name: 'There' }
  const epoch = await logs.nextProducerEpoch('r2')
  const foreign = agentMessage(workspaceId, sessionId, 'foreign', { id: 'r2', epoch, seq: 1 })
  expect((await writer.observe([foreign], other, [])).rejected).toMatchObject([{ refusal: { code: 'forbidden' } }])
  const posing = {
    ...agentMessage(workspaceId, sessionId, 'I am Mara', { id: 'r1', epoch: now, seq: 1 }),
    actor: { kind: 'user' as const, id: 'mara' },
  }
  expect((await writer.observe([posing], runner, [])).rejected).toMatchObject([{ refusal: { code: 'forbidden' } }])
})

test('what was built on a refused command is refused with it, after a restart too', async () => {
  const refused = createSession(workspaceId, sessionId)
  await (await logs.open(log)).submit(refused, mara)
  logs = await openLogs()
  const dependent = { ...renameSession(workspaceId, sessionId, 'Built on it'), dependsOn: [refused.id] }
  const writer = await logs.open(log)
  expect(await writer.submit(dependent, mara)).toMatchObject({ refusal: { code: 'dependency_refused' } })
})

test('a commit that cannot be stored fails its commands and nothing else: offered again they are accepted', async () => {
  let broken = true
  const faulty: RunningStore = {
    ...store,
    append: (batch) => (broken ? Promise.reject(new Error('No space left on device')) : store.append(batch)),
  }
  logs = await openLogs(faulty)
  const writer = await logs.open(log)
  const command = renameSession(workspaceId, sessionId, 'Patience')
  await expect(writer.submit(command, mara)).rejects.toThrow('No space left')
  broken = false
  expect((await writer.submit(command, mara)).kind).toBe('accepted')
})

test('a commit whose answer was lost is recognised: its events are told once and its commands answered as they were', async () => {
  let lost = true
  const faulty: RunningStore = {
    ...store,
    append: async (batch) => {
      const outcome = await store.append(batch)
      if (lost) throw new Error('the answer was lost')
      return outcome
    },
  }
  logs = await openLogs(faulty)
  const writer = await logs.open(log)
  const command = renameSession(workspaceId, sessionId, 'Twice offered')
  await expect(writer.submit(command, mara)).rejects.toThrow('lost')
  lost = false
  commits = []
  const after = renameSession(workspaceId, sessionId, 'After it')
  const [again, next] = await Promise.all([writer.submit(command, mara), writer.submit(after, mara)])
  expect([again.kind, next.kind]).toEqual(['accepted', 'accepted'])
  const names = commits.flatMap((commit) => commit.events.map((event) => event.data['name']))
  expect(names).toEqual(['Twice offered', 'After it'])
  const events = await stored()
  expect(events.map((event) => event.position)).toEqual(events.map((_, index) => index + 1))
})
