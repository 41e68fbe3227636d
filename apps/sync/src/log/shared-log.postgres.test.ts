import {
  INSTANCE_LOG,
  INSTANCE_STREAM,
  newId,
  runnerStream,
  sessionStream,
  workspaceLog,
  type LogId,
  type RecordedEvent,
} from '@coppice/events'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Directory } from '../access/directory.ts'
import type { Principal } from '../principal.ts'
import { openStore } from '../store/open-store.ts'
import type { RunningStore } from '../store/running-store.ts'
import { agentMessage, createSession, createWorkspace, renameSession } from '../testing/commands.ts'
import { derivingFrom } from '../testing/deriving.ts'
import { anotherFolder, freshDataFolder, type TestPlace } from '../testing/data-folder.ts'
import { Logs } from './logs.ts'
import { serverCommand } from './server-command.ts'

const mara: Principal = { kind: 'user', id: 'mara', name: 'Mara' }
const runner: Principal = { kind: 'runner', id: 'r1', name: 'Here' }

/** What a server has of the logs, with nothing that would tell it of the other. */
interface Half {
  readonly place: TestPlace
  readonly store: RunningStore
  readonly logs: Logs
  /** The events that its followers were told. */
  readonly told: RecordedEvent[]
}

async function openHalf(place: TestPlace, through = (store: RunningStore): RunningStore => store): Promise<Half> {
  const store = through(await openStore(place))
  const directory = new Directory()
  const told: RecordedEvent[] = []
  const logs = new Logs({
    store,
    directory,
    now: Date.now,
    committed: (commit) => {
      for (const event of commit.events) directory.apply(event)
      told.push(...commit.events)
    },
    deriving: await derivingFrom(store),
  })
  await logs.load()
  return { place, store, logs, told }
}

let a: Half
let b: Half
let workspaceId: string
let sessionId: string
let log: LogId
beforeEach(async () => {
  const place = await freshDataFolder()
  a = await openHalf(place)
  ;[workspaceId, sessionId] = [newId(), newId()]
  log = workspaceLog(workspaceId)
  const instance = { log: INSTANCE_LOG, stream: INSTANCE_STREAM }
  await serverCommand(a.logs, instance, 'user.join', { userId: 'mara', name: 'Mara', role: 'owner' })
  const registered = { runnerId: 'r1', name: 'Here' }
  await serverCommand(a.logs, { log: INSTANCE_LOG, stream: runnerStream('r1') }, 'runner.register', registered)
  const writer = await a.logs.open(log)
  await writer.submit(createWorkspace(workspaceId, 'r1'), mara)
  await writer.submit(createSession(workspaceId, sessionId), mara)
  b = await openHalf(anotherFolder(place))
})
afterEach(async () => {
  await b.store.close()
  await a.store.close()
  await b.place.remove()
  await a.place.remove()
})

const rename = (name: string) => renameSession(workspaceId, sessionId, name)

test('[SY-3] two busy servers write to one log without knowing of each other: none starves, every answer is true', async () => {
  const writers = [await a.logs.open(log), await b.logs.open(log)]
  const busy = writers.map(async (writer, which) => {
    const results: { id: string; from: number }[] = []
    for (let round = 0; round < 25; round += 1) {
      const commands = Array.from({ length: 8 }, (_, n) => rename(`${which} ${round} ${n}`))
      const outcomes = await Promise.all(commands.map((command) => writer.submit(command, mara)))
      for (const [n, outcome] of outcomes.entries()) {
        if (outcome.kind !== 'accepted') throw new Error(JSON.stringify(outcome))
        results.push({ id: commands[n]?.id ?? '', from: outcome.from })
      }
    }
    return results
  })
  const answered = (await Promise.all(busy)).flat()
  expect(answered).toHaveLength(400)
  const { no, head } = await a.store.openLog(log)
  await Promise.all(writers.map((writer) => writer.reach(head)))
  const { bodies } = await a.store.readLog(no, 0, 10_000)
  const events = bodies.map((body) => JSON.parse(body) as RecordedEvent)
  expect(events.map((event) => event.position)).toEqual(events.map((_, index) => index + 1))
  for (const { id, from } of answered) expect(events[from - 1]?.id).toBe(`${id}.0`)
  // Each server's followers were told everything, once, in order.
  for (const half of [a, b]) {
    const seen = half.told.filter((event) => event.log === log)
    expect(seen).toEqual(events.slice(-seen.length))
    expect(seen.length).toBeGreaterThanOrEqual(400)
  }
})

test('[SY-3] a command that was answered by one server gets the same answer from the other', async () => {
  const command = rename('Once')
  const [first, meanwhile] = await Promise.all([
    (await a.logs.open(log)).submit(command, mara),
    (await b.logs.open(log)).submit(command, mara),
  ])
  expect(first.kind).toBe('accepted')
  expect(meanwhile).toEqual(first)
  const { head } = await a.store.openLog(log)
  expect(await (await b.logs.open(log)).submit(command, mara)).toEqual(first)
  expect((await a.store.openLog(log)).head).toBe(head)
})

test('[SY-3] a runner whose newer process is at another server is fenced by the database itself', async () => {
  const old = await a.logs.nextProducerEpoch('r1')
  const message = (epoch: number, seq: number) =>
    agentMessage(workspaceId, sessionId, `epoch ${epoch}`, { id: 'r1', epoch, seq })
  const [here, there] = [await a.logs.open(log), await b.logs.open(log)]
  expect(await here.observe([message(old, 1)], runner, [])).toEqual({ rejected: [] })
  const now = await b.logs.nextProducerEpoch('r1')
  const neighbour = rename('Neighbour')
  const [late, beside] = await Promise.all([here.observe([message(old, 2)], runner, []), here.submit(neighbour, mara)])
  expect(late).toMatchObject({ refusal: { code: 'fenced' } })
  expect(beside.kind).toBe('accepted')
  expect(await there.observe([message(now, 1)], runner, [])).toEqual({ rejected: [] })
})

test('a server that dies while it holds the turn of a log holds nobody up', async () => {
  const { no } = await a.store.openLog(log)
  const giveBack = await a.store.takeTurn(no)
  const waiting = (await b.logs.open(log)).submit(rename('Patient'), mara)
  await b.store.query(
    `select pg_terminate_backend(pid) from pg_locks
     where locktype = 'advisory' and granted and database = (select oid from pg_database where datname = current_database())`,
    [],
  )
  expect((await waiting).kind).toBe('accepted')
  giveBack()
})

test('a server that lost its turn while it held it takes another one, and is not beaten again and again', async () => {
  const other = await b.logs.open(log)
  let lost = false
  let turns = 0
  let quicker = 0
  const third = await openHalf(anotherFolder(a.place), (store) => ({
    ...store,
    async takeTurn(no) {
      const giveBack = await store.takeTurn(no)
      turns += 1
      lost = turns === 1
      // The database ended the connection that held it, after a pause of this server.
      if (!lost) return giveBack
      giveBack()
      return () => undefined
    },
    async append(batch) {
      // Without a turn, or with a lost one, somebody else is always quicker.
      if (!batch.inTurn || lost) await other.submit(rename(`Quicker ${(quicker += 1)}`), mara)
      return store.append(batch)
    },
  }))
  try {
    expect((await (await third.logs.open(log)).submit(rename('Slower'), mara)).kind).toBe('accepted')
    expect(turns).toBe(2)
  } finally {
    await third.store.close()
    await third.place.remove()
  }
})

test('[SY-3] a stream read while another server appends to it is not remembered as it was before', async () => {
  const other = await b.logs.open(log)
  const stream = sessionStream(sessionId)
  let reading: Promise<unknown> | undefined
  let letGo = (): void => undefined
  let readingOn = false
  let held = false
  const outcomes: string[] = []
  const third: Half = await openHalf(anotherFolder(a.place), (store) => ({
    ...store,
    async readLog(...range) {
      if (!readingOn || reading !== undefined) return store.readLog(...range)
      // In the middle of reading on, a state is asked for and comes late; meanwhile the stream grows.
      reading = third.logs.open(log).then((writer) => writer.stateOf(stream))
      await readStarted
      await other.submit(rename('Second'), mara)
      return store.readLog(...range)
    },
    async readStream(...of) {
      const bodies = await store.readStream(...of)
      if (reading === undefined || held || of[1] !== stream) return bodies
      held = true
      started()
      await new Promise<void>((resolve) => (letGo = resolve))
      return bodies
    },
    async append(batch) {
      const outcome = await store.append(batch)
      outcomes.push(outcome)
      return outcome
    },
  }))
  let started = (): void => undefined
  const readStarted = new Promise<void>((resolve) => (started = resolve))
  try {
    const writer = await third.logs.open(log)
    const named = await other.submit(rename('First'), mara)
    if (named.kind !== 'accepted') throw new Error(JSON.stringify(named))
    readingOn = true
    await writer.reach(named.to)
    letGo()
    await reading
    expect((await writer.submit(rename('Third'), mara)).kind).toBe('accepted')
    expect(outcomes).toEqual(['stored'])
  } finally {
    await third.store.close()
    await third.place.remove()
  }
})

test('[SY-3] a server that remembers a stream wrongly reads it again, and goes on', async () => {
  let lies = true
  const third = await openHalf(anotherFolder(a.place), (store) => ({
    ...store,
    async readStream(...of) {
      const bodies = await store.readStream(...of)
      return of[1] === sessionStream(sessionId) && lies ? bodies.slice(0, -1) : bodies
    },
    async append(batch) {
      const outcome = await store.append(batch)
      if (outcome === 'taken') lies = false
      return outcome
    },
  }))
  try {
    await (await a.logs.open(log)).submit(rename('Before'), mara)
    const writer = await third.logs.open(log)
    expect((await writer.submit(rename('After'), mara)).kind).toBe('accepted')
    expect(lies).toBe(false)
  } finally {
    await third.store.close()
    await third.place.remove()
  }
})
