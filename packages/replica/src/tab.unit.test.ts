import { isRefusal, newId, sessionStream, workspaceLog } from '@coppice/events'
import { afterEach, expect, test } from 'vitest'
import { MemoryBlobOutbox } from './blobs/blob-outbox.ts'
import { ReplicaCore } from './core.ts'
import { MemoryStore } from './memory-store.ts'
import { MessagePortToCore } from './message-port.ts'
import { MemoryOutbox } from './outbox.ts'
import { PageReplica, type BootCache } from './page.ts'
import { MemoryServer } from './testing/memory-server.ts'
import { newSession } from './testing/new-session.ts'
import { Tab } from './browser/tab.ts'

const LOG = workspaceLog('w')
const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one.close()
})

/** What the tabs of one browser share: the outbox, the database, and a name for lock and channel. */
function browser() {
  return {
    name: `test-${newId()}`,
    server: new MemoryServer(LOG),
    store: new MemoryStore(),
    outbox: new MemoryOutbox(),
  }
}

/** A tab with its page, over the real lock and the real channel. */
function openTab({ name, server, store, outbox }: ReturnType<typeof browser>, protocol?: number, boot?: BootCache) {
  const tab: Tab = new Tab({
    name,
    ...(protocol !== undefined && { protocol }),
    toPage: (message) => queueMicrotask(() => port.receive(message)),
    lead: (everywhere) =>
      ReplicaCore.open({
        store,
        outbox,
        userId: 'mara',
        clientId: newId(),
        appVersion: 'test',
        connect: () => server.connect('mara'),
        now: Date.now,
        notify: (notice) => everywhere({ kind: 'notice', notice }),
      }),
  })
  const port = new MessagePortToCore(
    (message) => tab.call(message),
    () => undefined,
  )
  const page = new PageReplica({ port, outbox, blobs: new MemoryBlobOutbox(), userId: 'mara', ...(boot && { boot }) })
  open.push(tab)
  return { tab, page }
}

async function create(page: PageReplica, sessionId: string): Promise<void> {
  const sent = await page.command(
    { log: LOG, stream: sessionStream(sessionId) },
    'session.create',
    newSession(sessionId),
  )
  if (isRefusal(sent)) throw new Error(sent.message)
}

const sessionsIn = (server: MemoryServer): string[] =>
  server.log.events.filter((event) => event.type === 'session.created').map((event) => String(event.data['sessionId']))

test('[LF-6] one tab leads, the others work through it; when it goes, the next leads and nothing is lost or doubled', async () => {
  const shared = browser()
  const first = openTab(shared)
  await expect.poll(() => first.tab.leads).toBe(true)
  const second = openTab(shared)
  await second.page.ready
  expect(second.tab.leads).toBe(false)
  const wanted = Array.from({ length: 40 }, (_, n) => `s${n}`)
  for (const [n, id] of wanted.entries()) {
    await create(n % 2 === 0 ? first.page : second.page, id)
    if (n === 20) void first.tab.close()
  }
  await expect.poll(() => second.tab.leads).toBe(true)
  await expect.poll(() => sessionsIn(shared.server).length, { timeout: 60_000 }).toBe(wanted.length)
  expect(sessionsIn(shared.server).toSorted()).toEqual(wanted.toSorted())
  await expect.poll(() => second.page.rows('sessions').size).toBe(wanted.length)
  await expect.poll(() => second.page.connection().waiting).toBe(0)
})

test('[LF-6, SY-9] a newer tab takes the lead from an older one, which asks to be reloaded; what is clicked there still arrives', async () => {
  const shared = browser()
  const old = openTab(shared, 1)
  await old.page.ready
  await create(old.page, 'before')
  await expect.poll(() => sessionsIn(shared.server)).toEqual(['before'])
  const fresh = openTab(shared, 2)
  await expect.poll(() => fresh.tab.leads).toBe(true)
  expect(old.tab.leads).toBe(false)
  await expect.poll(() => old.page.connection()).toMatchObject({ state: 'outdated', message: /reload this one/ })
  await create(old.page, 'after')
  await expect.poll(() => sessionsIn(shared.server)).toEqual(['before', 'after'])
  await expect.poll(() => fresh.page.rows('sessions').has('after')).toBe(true)
})

test('[LF-6, SY-9] an older tab that comes where a newer one leads is told so at once, and never leads, also when the newer one goes', async () => {
  const shared = browser()
  const fresh = openTab(shared, 2)
  await fresh.page.ready
  const old = openTab(shared, 1)
  await expect.poll(() => old.page.connection().state).toBe('outdated')
  await create(old.page, 'clicked')
  await expect.poll(() => sessionsIn(shared.server)).toEqual(['clicked'])
  await fresh.tab.close()
  const next = openTab(shared, 2)
  await expect.poll(() => next.tab.leads).toBe(true)
  expect(old.tab.leads).toBe(false)
})

test('[LF-7] a copy that newer code wrote is not touched: the tab asks to be reloaded', async () => {
  const shared = browser()
  await shared.store.finishRebuild(1_000)
  const { tab, page } = openTab(shared)
  await expect.poll(() => page.connection().state).toBe('outdated')
  expect(tab.leads).toBe(false)
  expect(await shared.store.projectionVersion()).toBe(1_000)
})

test('[LF-6, PF-5] what a page showed last time stays on it while a core that begins anew knows only a part, and gives way to what is true', async () => {
  const shared = browser()
  const device = openTab(shared)
  await create(device.page, 'known')
  await expect.poll(() => sessionsIn(shared.server)).toEqual(['known'])
  await expect.poll(() => device.page.rows('sessions').get('known')).toBeDefined()
  const known = device.page.rows('sessions').get('known')
  if (known === undefined) throw new Error('the session is not there')
  const lastTime = new Map([
    ['sessions', new Map([known, { ...known, sessionId: 'gone' }].map((row) => [row.sessionId, row]))],
  ] as const)
  await device.tab.close()
  // The same device once more, with its database still being made, the server away, and one click that waits.
  shared.server.reachable = false
  const anew = { ...browser(), server: shared.server }
  const { page } = openTab(anew, undefined, { read: () => lastTime, write: () => undefined })
  await create(page, 'clicked')
  await page.ready
  await expect.poll(() => [...page.rows('sessions').keys()].toSorted()).toEqual(['clicked', 'gone', 'known'])
  shared.server.reachable = true
  await expect.poll(() => page.connection().complete, { timeout: 60_000 }).toBe(true)
  await expect.poll(() => [...page.rows('sessions').keys()].toSorted()).toEqual(['clicked', 'known'])
})

test('[PF-5] a list that says what it said last time is not told as changed; a row that differs is, and one that is gone', async () => {
  const shared = browser()
  const device = openTab(shared)
  for (const id of ['same', 'renamed']) await create(device.page, id)
  await expect.poll(() => sessionsIn(shared.server).length).toBe(2)
  await expect.poll(() => device.page.isPending('sessions', 'renamed')).toBe(false)
  await device.page.ready
  const [same, renamed] = ['same', 'renamed'].map((id) => device.page.rows('sessions').get(id))
  if (same === undefined || renamed === undefined) throw new Error('the sessions are not there')
  const lastTime = new Map([
    [
      'sessions',
      new Map(
        [same, { ...renamed, name: 'as it was' }, { ...same, sessionId: 'gone' }].map((row) => [row.sessionId, row]),
      ),
    ],
  ] as const)
  await device.tab.close()
  const again = openTab(shared, undefined, { read: () => structuredClone(lastTime), write: () => undefined })
  const drawn = again.page.rows('sessions').get('same')
  const told: string[] = []
  again.page.onRows((changed) => told.push(...(changed.get('sessions') ?? [])))
  await again.page.ready
  expect(told.toSorted()).toEqual(['gone', 'renamed'])
  expect(again.page.rows('sessions').get('same')).toBe(drawn)
  expect(again.page.rows('sessions').get('renamed')?.name).toBe(renamed.name)
})

test('[LF-10] a page that opens just when the connection fails says so, however long the outbox takes to be read', async () => {
  const shared = browser()
  shared.server.reachable = false
  const { refused } = shared.outbox
  shared.outbox.refused = async () => {
    await new Promise((resolve) => setTimeout(resolve, 200))
    return refused.call(shared.outbox)
  }
  const { page } = openTab(shared)
  await page.ready
  expect(page.connection().state).toBe('offline')
})
