import { isRefusal, makeCommand, makeObservation, newId, sessionStream, workspaceLog } from '@coppice/events'
import { PGlite } from '@electric-sql/pglite'
import { expect, test } from 'vitest'
import { MemoryStore, openInPage } from './index.ts'
import type { Batch } from './store.ts'
import { PgliteStore } from './pglite-store.ts'
import { MemoryServer } from './testing/memory-server.ts'

const LOG = workspaceLog('w')
const address = { log: LOG, stream: sessionStream('s1') }
const ROWS = 300

/** A server with one session in which an agent has said so many things. */
function serverWith(rows: number): MemoryServer {
  const server = new MemoryServer(LOG)
  const creation = { sessionId: 's1', workspaceId: 'w', mode: 'develop', provider: 'script', model: '' } as const
  const made = server.log.push(
    makeCommand(
      address,
      'session.create',
      { ...creation, baseBranch: 'main', stepMode: 'manual' },
      { id: newId(), now: 1 },
    ),
    { kind: 'user', id: 'mara' },
  )
  if (isRefusal(made)) throw new Error(made.message)
  for (let n = 0; n < rows; n += 1) {
    const actor = { kind: 'agent' as const, id: 'script' }
    const stamp = { id: newId(), now: 2 + n, actor, causationId: 'x', correlationId: 'x' }
    const said = { messageId: `m${n}`, turnId: 't', kind: 'agent', completeness: 'whole', text: `said ${n}` } as const
    server.observe(makeObservation(address, 'message.added', said, stamp))
  }
  return server
}

const all = (rows: number): string[] => Array.from({ length: rows }, (_, n) => `m${n}`)

for (const [name, open] of [
  ['in memory', async () => new MemoryStore()],
  ['in a database', async () => PgliteStore.open(await PGlite.create())],
] as const)
  test(`a long conversation comes with its newest rows and their texts first, then whole and in order (${name})`, async () => {
    const server = serverWith(ROWS)
    const store = await open()
    const mara = openInPage({
      store,
      userId: 'mara',
      clientId: newId(),
      appVersion: 'test',
      connect: () => server.connect('mara'),
    })
    await expect.poll(() => mara.connection().complete, { timeout: 30_000 }).toBe(true)
    // A message that waits to be sent stands in the newest part, too.
    server.reachable = false
    server.cut()
    const sent = await mara.command(address, 'message.send', { messageId: 'mine', text: 'and then?' })
    if (isRefusal(sent)) throw new Error(sent.message)
    await expect.poll(() => mara.rows('sessions').get('s1')?.queued, { timeout: 30_000 }).toBe(1)

    const conversation = mara.openConversation('s1')
    const told: { ids: string[]; partial: boolean; last: string | undefined }[] = []
    conversation.onChange(() => {
      const ids = conversation.spine().map(({ itemId }) => itemId)
      told.push({ ids, partial: conversation.partial(), last: conversation.body(`m${ROWS - 1}`)?.text })
    })
    await conversation.ready
    const [first, second] = told
    expect(first).toMatchObject({ partial: true, last: `said ${ROWS - 1}` })
    expect(first?.ids.length).toBeLessThan(ROWS / 2)
    expect([...all(ROWS), 'mine'].slice(-(first?.ids.length ?? 0))).toEqual(first?.ids)
    expect(second).toMatchObject({ partial: false, ids: [...all(ROWS), 'mine'] })
    await mara.close()
  })

test('a short conversation is whole at once, with its texts', async () => {
  const server = serverWith(3)
  const mara = openInPage({
    userId: 'mara',
    clientId: newId(),
    appVersion: 'test',
    connect: () => server.connect('mara'),
  })
  await expect.poll(() => mara.connection().complete, { timeout: 30_000 }).toBe(true)
  const conversation = mara.openConversation('s1')
  await conversation.ready
  expect(conversation.partial()).toBe(false)
  expect(conversation.spine().map(({ itemId }) => conversation.body(itemId)?.text)).toEqual([
    'said 0',
    'said 1',
    'said 2',
  ])
  await mara.close()
})

test('what was closed is there at once when it is opened again, newest rows first, with what came meanwhile; so is what was prefetched', async () => {
  const server = serverWith(ROWS)
  const store = new MemoryStore()
  const connect = () => server.connect('mara')
  const open = () => openInPage({ store, userId: 'mara', clientId: newId(), appVersion: 'test', connect })
  const mara = open()
  await expect.poll(() => mara.connection().complete, { timeout: 30_000 }).toBe(true)
  const first = mara.openConversation('s1')
  await first.ready
  first.close()
  const actor = { kind: 'agent' as const, id: 'script' }
  const stamp = { id: newId(), now: 9_000, actor, causationId: 'x', correlationId: 'x' }
  const said = { messageId: 'late', turnId: 't', kind: 'agent', completeness: 'whole', text: 'said late' } as const
  server.observe(makeObservation(address, 'message.added', said, stamp))
  await expect.poll(() => first.body('late')?.text, { timeout: 30_000 }).toBe('said late')

  const again = mara.openConversation('s1')
  expect(again.partial()).toBe(true)
  expect(again.spine().at(-1)?.itemId).toBe('late')
  expect(again.spine().length).toBeLessThan(ROWS / 2)
  await again.ready
  expect(again.partial()).toBe(false)
  expect(again.spine().map(({ itemId }) => itemId)).toEqual([...all(ROWS), 'late'])
  again.close()
  await mara.close()

  const other = open()
  await expect.poll(() => other.connection().complete, { timeout: 30_000 }).toBe(true)
  other.prefetch('s1')
  // Questions to the core are answered in their order.
  await other.ofSession('checkpoints', 's1')
  const opened = other.openConversation('s1')
  expect(opened.body('late')?.text).toBe('said late')
  expect(opened.partial()).toBe(true)
  await opened.ready
  expect(opened.spine()).toHaveLength(ROWS + 1)
  await other.close()
})

/** A store on a disk that takes its time. */
class SlowStore extends MemoryStore {
  override async apply(batch: Batch): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 5))
    return super.apply(batch)
  }
}

test('what somebody opens or does is shown before the batches that have come from the server and wait to be stored', async () => {
  const server = serverWith(3)
  const mara = openInPage({
    store: new SlowStore(),
    userId: 'mara',
    clientId: newId(),
    appVersion: 'test',
    connect: () => server.connect('mara'),
  })
  await expect.poll(() => mara.connection().complete, { timeout: 30_000 }).toBe(true)
  const actor = { kind: 'agent' as const, id: 'script' }
  for (let n = 3; n < ROWS; n += 1) {
    const stamp = { id: newId(), now: 2 + n, actor, causationId: 'x', correlationId: 'x' }
    const said = { messageId: `m${n}`, turnId: 't', kind: 'agent', completeness: 'whole', text: `said ${n}` } as const
    server.observe(makeObservation(address, 'message.added', said, stamp))
  }
  const conversation = mara.openConversation('s1')
  const sent = await mara.command(address, 'message.send', { messageId: 'mine', text: 'and then?' })
  if (isRefusal(sent)) throw new Error(sent.message)
  await conversation.ready
  await expect.poll(() => conversation.spine().some(({ itemId }) => itemId === 'mine')).toBe(true)
  const early = conversation.spine().length
  expect(early).toBeLessThan(ROWS / 2)
  await expect.poll(() => conversation.spine().length, { timeout: 30_000 }).toBe(ROWS + 1)
  await mara.close()
})
