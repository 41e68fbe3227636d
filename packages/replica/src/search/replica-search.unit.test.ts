import { isRefusal, newId, sessionStream, workspaceLog, type CommandData, type KnownCommand } from '@coppice/events'
import { afterEach, expect, test } from 'vitest'
import { MemoryStore, openInPage, type Replica } from '../index.ts'
import { MemoryServer } from '../testing/memory-server.ts'

const LOG = workspaceLog('w')
const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})

function client(server: MemoryServer, store = new MemoryStore()): Replica {
  const replica = openInPage({
    store,
    userId: 'mara',
    clientId: newId(),
    appVersion: 'test',
    connect: () => server.connect('mara'),
  })
  open.push(replica)
  return replica
}

async function send<T extends KnownCommand['type']>(
  replica: Replica,
  sessionId: string,
  type: T,
  data: CommandData<T>,
): Promise<void> {
  const sent = await replica.command({ log: LOG, stream: sessionStream(sessionId) }, type, data)
  if (isRefusal(sent)) throw new Error(sent.message)
}

const create = (replica: Replica, sessionId: string, name: string): Promise<void> =>
  send(replica, sessionId, 'session.create', {
    sessionId,
    workspaceId: 'w',
    name,
    mode: 'develop',
    provider: 'script',
    model: '',
    baseBranch: 'main',
    stepMode: 'manual',
  })

async function found(replica: Replica, text: string): Promise<string[]> {
  const page = await replica.search({ text })
  return (page?.hits ?? []).map((hit) => (hit.itemId === '' ? `session ${hit.sessionId}` : hit.itemId))
}

test('[LF-2, BE-1] off line, what was just written is found: the message, its new wording, and the session by its name', async () => {
  const server = new MemoryServer(LOG)
  server.reachable = false
  const mara = client(server)
  await mara.ready
  await create(mara, 's1', 'Rate limiter')
  await send(mara, 's1', 'message.send', { messageId: 'm1', text: 'Sharpen the axe' })
  await send(mara, 's1', 'message.send', { messageId: 'm2', text: 'Mind the limiter' })
  expect(await found(mara, 'axe')).toEqual(['m1'])
  expect(await found(mara, 'limiter')).toEqual(['session s1', 'm2'])
  await send(mara, 's1', 'message.edit', { messageId: 'm1', text: 'Sharpen the saw' })
  await send(mara, 's1', 'message.remove', { messageId: 'm2' })
  expect(await found(mara, 'axe')).toEqual([])
  expect(await found(mara, 'saw')).toEqual(['m1'])
  expect(await found(mara, 'limiter')).toEqual(['session s1'])
})

test('[LF-2] a pending change counts over the confirmed text, and the confirmed text is found when it has gone through', async () => {
  const server = new MemoryServer(LOG)
  const mara = client(server)
  await mara.ready
  await create(mara, 's1', 'One')
  await send(mara, 's1', 'message.send', { messageId: 'm1', text: 'old words' })
  await expect.poll(() => mara.connection().waiting).toBe(0)
  expect(await found(mara, 'old')).toEqual(['m1'])
  server.reachable = false
  server.cut()
  await send(mara, 's1', 'message.edit', { messageId: 'm1', text: 'new words' })
  expect(await found(mara, 'old')).toEqual([])
  expect(await found(mara, 'new')).toEqual(['m1'])
})

test('a search says what it looked at', async () => {
  const server = new MemoryServer(LOG)
  const mara = client(server)
  await mara.ready
  await create(mara, 's1', 'One')
  await create(mara, 's2', 'Two')
  const page = await mara.search({ text: 'nothing like it' })
  expect(page).toMatchObject({ hits: [], next: undefined, coverage: { sessions: 2, searched: 2, missing: 0 } })
})

test('a search that was overtaken by the next letter is given up before it runs', async () => {
  class Counting extends MemoryStore {
    searches = 0
    override search(...args: Parameters<MemoryStore['search']>): ReturnType<MemoryStore['search']> {
      this.searches += 1
      return super.search(...args)
    }
  }
  const store = new Counting()
  const mara = client(new MemoryServer(LOG), store)
  await mara.ready
  await create(mara, 's1', 'needle')
  const answers = await Promise.all(['n', 'ne', 'nee', 'need'].map((text) => mara.search({ text })))
  expect(answers.at(-1)?.hits).toHaveLength(1)
  expect(answers.filter((answer) => answer === undefined).length).toBeGreaterThanOrEqual(2)
  expect(store.searches).toBeLessThanOrEqual(2)
})
