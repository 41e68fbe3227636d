import {
  evolve,
  initialState,
  makeCommand,
  newId,
  PROJECTION_VERSION,
  workspaceLog,
  type RecordedEvent,
  type RowChange,
  type StreamId,
} from '@coppice/events'
import { play } from '@coppice/events/testing'
import type { EventsMessage, FromClient, StreamHeader, Welcome } from '@coppice/protocol'
import { expect, test } from 'vitest'
import { ConfirmedState } from './confirmed.ts'
import { LogSync } from './log-sync.ts'
import { MemoryStore } from './memory-store.ts'
import { View } from './view.ts'

const LOG = workspaceLog('w')

/** A session of which a replica has only the header, and its events. */
async function leftSession() {
  const { log } = play([
    { what: 'create', session: 0, pick: 0, text: 'a' },
    { what: 'send', session: 0, pick: 0, text: 'b' },
    { what: 'send', session: 0, pick: 0, text: 'c' },
  ])
  const events = log.events.filter(({ stream }) => stream.startsWith('session/'))
  const [first] = events
  if (!first) throw new Error('there is no session')
  const whole = await ConfirmedState.load(new MemoryStore())
  const changes = await whole.apply({ log: LOG, epoch: 'e', position: log.events.length }, log.events)
  const row = changes.findLast(({ table }) => table === 'sessions')
  if (!row) throw new Error('the session has no row')
  let state = initialState(LOG, first.stream)
  for (const event of events) state &&= evolve(state, event)
  const header = (name?: string): StreamHeader =>
    JSON.parse(
      JSON.stringify({
        stream: first.stream,
        version: events.length,
        state,
        rows: [{ table: 'sessions', key: row.key, row: name === undefined ? row.row : { ...row.row, name } }],
      }),
    ) as StreamHeader
  return { events, header, head: log.events.length }
}

async function follower() {
  const store = new MemoryStore()
  const confirmed = await ConfirmedState.load(store)
  const told: RowChange[] = []
  const seen = {
    told,
    filled: [] as string[],
    sent: [] as FromClient[],
    setBack: [] as string[],
    rowsAt: [] as number[],
  }
  const open = () =>
    LogSync.open(
      {
        bodies: 'opened',
        fills: () => true,
        open: () => [],
        send: (message) => seen.sent.push(message) > 0,
        applied: async ({ changes }) => void told.push(...changes),
        erased: () => undefined,
        filled: (sessionId) => seen.filled.push(sessionId),
        setBack: async (log) => {
          seen.setBack.push(log)
          seen.rowsAt.push((await store.cursors()).length)
        },
        distrust: (sentence) => {
          throw new Error(sentence)
        },
      },
      confirmed,
      store,
    )
  return { seen, open, store, confirmed }
}

const eventsMessage = (of: Partial<EventsMessage> & { streams: StreamHeader[]; to: number }): EventsMessage => ({
  t: 'events',
  log: LOG,
  epoch: 'e',
  from: 0,
  head: of.to,
  events: [],
  left: [],
  projection: PROJECTION_VERSION,
  ...of,
})

const welcome = (epoch: string, head: number): Welcome =>
  ({ t: 'welcome', projection: PROJECTION_VERSION, logs: [{ log: LOG, epoch, head }] }) as unknown as Welcome

async function fill(name?: string) {
  const { events, header, head } = await leftSession()
  const { seen, open } = await follower()
  const sync = await open()
  const [{ stream } = { stream: '' }] = events
  await sync.welcomed(welcome('e', head))
  await sync.receive(eventsMessage({ streams: [header(name)], to: head }))
  seen.told.length = 0
  sync.wanted({ log: LOG, stream })
  const joined = seen.sent.findLast((message) => message.t === 'join')
  if (joined?.t !== 'join') throw new Error('the session was not asked for')
  const part = (slice: readonly RecordedEvent[], from: number, last: boolean) =>
    sync.receive({ t: 'backfill', n: joined.n, log: LOG, stream, from, last, events: [...slice] })
  await part(events.slice(0, 1), 0, false)
  await part(events.slice(1), 1, true)
  return seen
}

test('[LF-12] a back-fill that says of the session what its header said tells no rows, only that it is here', async () => {
  const { told, filled } = await fill()
  expect(told).toEqual([])
  expect(filled).toHaveLength(1)
})

test('[LF-12] a back-fill by which the session looks otherwise tells its row, once', async () => {
  const { told, filled } = await fill('as the server had it')
  expect(told.map(({ table }) => table)).toEqual(['sessions'])
  expect(filled).toHaveLength(1)
})

test('[LF-7] the newest events of a joined session are shown until its whole past is here, and never stored', async () => {
  const { events, header, head } = await leftSession()
  const { seen, open, store, confirmed } = await follower()
  const sync = await open()
  const [{ stream } = { stream: '' }] = events
  const id = stream.slice('session/'.length)
  await sync.welcomed(welcome('e', head))
  await sync.receive(eventsMessage({ streams: [header()], to: head }))
  sync.wanted({ log: LOG, stream })
  const joined = seen.sent.findLast((message) => message.t === 'join')
  if (joined?.t !== 'join') throw new Error('the session was not asked for')
  expect(joined.tail).toBe(true)
  await sync.receive({ t: 'tail', n: joined.n + 1, log: LOG, stream, events: [...events] })
  expect(confirmed.tails.of(id)).toBeUndefined()
  await sync.receive({ t: 'tail', n: joined.n, log: LOG, stream, events: events.slice(-1) })
  expect(seen.filled).toEqual([id])
  expect(confirmed.tails.of(id)).toMatchObject([{ text: 'c' }])
  expect(await store.spine(id)).toEqual([])
  const view = new View(confirmed, store, 'mara')
  const shown = await view.newest(id)
  expect(shown).toMatchObject({ spine: [{ textLength: 1 }], bodies: [{ text: 'c' }], more: false })
  expect(await view.spine(id)).toEqual(shown.spine)
  // What somebody does with a row that is only shown looks done at once, too.
  const messageId = shown.bodies[0]?.itemId ?? ''
  const address = { log: LOG, stream: stream as StreamId }
  const edit = makeCommand(address, 'message.edit', { messageId, text: 'changed' }, { id: newId(), now: 9 })
  await view.rebuild([edit], [], 9)
  expect(await view.bodies([messageId])).toMatchObject([{ text: 'changed' }])
  await view.rebuild([], [], 9)
  await sync.receive({ t: 'backfill', n: joined.n, log: LOG, stream, from: 0, last: false, events: events.slice(0, 2) })
  expect(await view.newest(id)).toEqual(shown)
  await sync.receive({ t: 'backfill', n: joined.n, log: LOG, stream, from: 2, last: true, events: events.slice(2) })
  expect(confirmed.tails.of(id)).toBeUndefined()
  expect((await view.newest(id)).spine).toHaveLength(2)
  expect(seen.filled).toEqual([id, id])
})

test('[LF-8] a log that was begun anew while nothing of it was here is offered all again, once, and first of all', async () => {
  const { seen, open } = await follower()
  await (await open()).welcomed(welcome('before', 3))
  expect(seen.setBack).toEqual([])
  // The next start, with no cursor: the server cannot see that this device knew another record.
  const sync = await open()
  await sync.welcomed(welcome('after', 2))
  expect(seen.setBack).toEqual([LOG])
  await sync.receive({ t: 'reset', log: LOG, epoch: 'after', head: 2, cause: 'epoch', reason: 'begun anew' })
  expect(seen.setBack).toEqual([LOG])
  await (await open()).welcomed(welcome('after', 2))
  expect(seen.setBack).toEqual([LOG])
})

test('[LF-8] what was accepted is offered again before the rows go: a program that ends in between has not forgotten it', async () => {
  const { header, head } = await leftSession()
  const { seen, open } = await follower()
  const sync = await open()
  await sync.welcomed(welcome('e', head))
  await sync.receive(eventsMessage({ streams: [header()], to: head }))
  await sync.receive({ t: 'reset', log: LOG, epoch: 'e', head: 1, cause: 'ahead', reason: 'set back' })
  expect(seen.setBack).toEqual([LOG])
  expect(seen.rowsAt).toEqual([1])
})
