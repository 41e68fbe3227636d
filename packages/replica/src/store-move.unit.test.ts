import { PGlite } from '@electric-sql/pglite'
import { newId, workspaceLog, type RecordedEvent } from '@coppice/events'
import { foldRows, play, type Deed } from '@coppice/events/testing'
import { expect, test } from 'vitest'
import { ConfirmedState } from './confirmed.ts'
import { ReplicaCore } from './core.ts'
import { MemoryOutbox, MemoryStore } from './index.ts'
import { PgliteStore } from './pglite-store.ts'
import { imageOf } from './store-image.ts'
import { StoreMove } from './store-move.ts'
import type { Batch, Store } from './store.ts'
import { MemoryServer } from './testing/memory-server.ts'

const LOG = workspaceLog('w')
const NEVER = new AbortController().signal

const deed = (session: number, what: string, text: string): Deed => ({ what, session, pick: 0, text })
const { events } = play([
  ...[0, 1, 2].flatMap((session) => [deed(session, 'create', `s${session}`), deed(session, 'ready', '')]),
  ...Array.from({ length: 700 }, (_, n) => deed(n % 3, n % 2 === 0 ? 'rename' : 'send', `text ${n}`)),
]).log

async function sourceWith(upTo: number): Promise<{ source: MemoryStore; confirmed: ConfirmedState }> {
  const source = new MemoryStore()
  const confirmed = await ConfirmedState.load(source)
  await confirmed.apply({ log: LOG, epoch: 'e', position: upTo }, events.slice(0, upTo))
  return { source, confirmed }
}

/** All that a store holds, in an order of its own. */
async function contents(store: Store): Promise<unknown> {
  const sorted = (all: readonly unknown[]): string[] => all.map((one) => JSON.stringify(one)).toSorted()
  return (await imageOf(store)).map(({ cursor, left, headers, states, events: others, bodies }) => ({
    cursor,
    left: sorted(left),
    headers: sorted(headers),
    states: sorted(states),
    others: sorted(others),
    bodies: sorted([...bodies].map(([stream, body]) => [stream, sorted(body.events), sorted(body.changes)])),
  }))
}

/** A store that has something to say about each batch before it is written. */
function intercepted(store: Store, before: (batch: Batch) => Promise<void> | void): Store {
  return new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      if (name !== 'apply') return value.bind(target)
      return async (batch: Batch) => {
        await before(batch)
        await target.apply(batch)
      }
    },
  })
}

test('[LF-5] a copy made while the store is in use ends with what the store holds then: new events and logs that were forgotten', async () => {
  for (const target of [new MemoryStore(), await PgliteStore.open(await PGlite.create())]) {
    const half = Math.floor(events.length / 2)
    const { source, confirmed } = await sourceWith(half)
    const other = { log: 'user:mara', epoch: 'e', position: 1 }
    await confirmed.apply(other, [])
    const move = await StoreMove.begin(source, target)
    confirmed.follow(move.wrote)
    let position = half
    const more = async (count: number): Promise<void> => {
      const fresh = events.slice(position, position + count)
      position += fresh.length
      await confirmed.apply({ log: LOG, epoch: 'e', position }, fresh)
    }
    await more(10)
    const copying = move.copy(NEVER)
    for (let n = 0; n < 20; n += 1) {
      await more(10)
      await new Promise((resolve) => setTimeout(resolve, 0))
    }
    await confirmed.erase('user:mara')
    await copying
    await more(events.length)
    await move.finish()
    expect(await contents(target)).toEqual(await contents(source))
    expect(await target.events(LOG, 0, events.length + 1)).toEqual(events)
    await target.close()
  }
})

test('[LF-5] a copy that is broken off at any write is a replica that lacks bodies and says which, or has no cursor; filled up it has every row once', async () => {
  const { source } = await sourceWith(events.length)
  const whole = foldRows(events)
  let broken = 0
  for (let writes = 0; ; writes += 1) {
    const target = new MemoryStore()
    let left = writes
    const ending = intercepted(target, () => {
      left -= 1
      if (left < 0) throw new Error('The program ended.')
    })
    const move = await StoreMove.begin(source, ending)
    const ended = await move.copy(NEVER).then(
      () => false,
      () => true,
    )
    const again = await ConfirmedState.load(target)
    const cursor = again.cursor(LOG)
    if (cursor !== undefined && cursor.position > 0) {
      expect(cursor.position).toBe(events.length)
      expect([...again.header('sessions').keys()].toSorted()).toEqual(
        [...whole]
          .flatMap(([name]) => (name.startsWith('sessions ') ? [name.slice('sessions '.length)] : []))
          .toSorted(),
      )
      broken += again.left(LOG).length > 0 ? 1 : 0
      for (const { stream } of again.left(LOG)) {
        const past = events.filter((event) => event.stream === stream)
        expect(await again.backfill({ log: LOG, stream, from: 0, last: true }, past)).not.toBe(undefined)
      }
      for (const table of ['sessions', 'items'] as const)
        for (const { key, row } of await target.all(table)) expect(row).toEqual(whole.get(`${table} ${key}`))
      expect((await target.all('items')).length + (await target.all('sessions')).length).toBe(whole.size)
      expect((await target.events(LOG, 0, events.length + 1)).map((event: RecordedEvent) => event.position)).toEqual(
        events.map(({ position }) => position),
      )
    }
    if (!ended) break
  }
  expect(broken).toBeGreaterThan(3)
})

function opened(store: Store, server: MemoryServer, told: unknown[] = []): Promise<ReplicaCore> {
  return ReplicaCore.open({
    store,
    opening: true,
    outbox: new MemoryOutbox(),
    userId: 'mara',
    clientId: newId(),
    appVersion: 'test',
    connect: () => server.connect('mara'),
    now: Date.now,
    notify: (notice) => told.push(notice),
  })
}

test('while everything is copied, calls are answered', async () => {
  const { source } = await sourceWith(events.length)
  const core = await opened(source, new MemoryServer(LOG))
  let writes = 0
  let letGo: (() => void) | undefined
  const held = new Promise<void>((resolve) => (letGo = resolve))
  const db = new MemoryStore()
  const slow = intercepted(db, () => {
    writes += 1
    return writes === 2 ? held : undefined
  })
  const moving = core.moveTo(slow)
  await expect.poll(() => writes).toBe(2)
  const { headers } = await core.call('attach', { page: 'p' })
  expect(headers.filter(({ table }) => table === 'sessions')).toHaveLength(3)
  letGo?.()
  await moving
  expect(writes).toBeGreaterThan(5)
  await core.close()
})

test('[LF-11] a disk that fills up while the copy is made is told, and the work goes on in memory', async () => {
  const { source } = await sourceWith(events.length)
  const told: unknown[] = []
  const core = await opened(source, new MemoryServer(LOG), told)
  let writes = 0
  await core.moveTo(
    intercepted(new MemoryStore(), () => {
      writes += 1
      if (writes > 4) throw new Error('No space left on device')
    }),
  )
  const { connection, headers } = await core.call('attach', { page: 'p' })
  expect(connection.storage).toBe('full')
  expect(headers.filter(({ table }) => table === 'sessions')).toHaveLength(3)
  await core.close()
})

test('a replica that is closed in the middle of the copy lets go of both stores', async () => {
  const { source } = await sourceWith(events.length)
  const core = await opened(source, new MemoryServer(LOG))
  const db = await PGlite.create()
  const moving = core.moveTo(await PgliteStore.open(db))
  await core.close()
  await moving
  expect(db.closed).toBe(true)
})
