import {
  isRefusal,
  newId,
  sessionStream,
  workspaceLog,
  type AnyRow,
  type CommandData,
  type KnownCommand,
} from '@coppice/events'
import { foldRows } from '@coppice/events/testing'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MemoryOutbox, MemoryStore, openInPage, type Replica } from './index.ts'
import { MemoryServer } from './testing/memory-server.ts'
import { newSession } from './testing/new-session.ts'

const LOG = workspaceLog('w')

/** What happens to one of two clients, or between them and the server. */
const steps = fc.array(
  fc.record({
    client: fc.nat(1),
    session: fc.nat(1),
    what: fc.constantFrom(
      'create',
      'send',
      'send',
      'edit',
      'remove',
      'rename',
      'end',
      'cut',
      'swallow',
      'unswallow',
      'offline',
      'online',
      'restart',
      'wait',
    ),
    n: fc.nat(9),
  }),
  { minLength: 5, maxLength: 40 },
)

interface Client {
  readonly userId: string
  readonly store: MemoryStore
  readonly outbox: MemoryOutbox
  replica: ReturnType<typeof openInPage>
  messages: string[]
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

function start(server: MemoryServer, client: Omit<Client, 'replica'>): Client {
  const replica = openInPage({
    ...client,
    clientId: newId(),
    appVersion: 'test',
    connect: () => server.connect(client.userId),
  })
  return { ...client, replica }
}

async function act(client: Client, what: string, session: string, n: number): Promise<void> {
  const address = { log: LOG, stream: sessionStream(session) }
  const push = async <T extends KnownCommand['type']>(type: T, data: CommandData<T>): Promise<void> => {
    const sent = await client.replica.command(address, type, data)
    if (isRefusal(sent)) throw new Error(sent.message)
  }
  const mine = client.messages[n % Math.max(1, client.messages.length)] ?? 'none'
  if (what === 'create') {
    await push('session.create', { ...newSession(session), stepMode: 'auto' })
  } else if (what === 'send') {
    const messageId = newId()
    client.messages.push(messageId)
    await push('message.send', { messageId, text: `${client.userId} says ${n}` })
  } else if (what === 'edit') await push('message.edit', { messageId: mine, text: `edited ${n}` })
  else if (what === 'remove') await push('message.remove', { messageId: mine })
  else if (what === 'rename') await push('session.rename', { name: `name ${n}` })
  else if (what === 'end') await push('session.end', { outcome: 'done' })
}

const rowsOf = (replica: Replica): Map<string, AnyRow> =>
  new Map([...replica.rows('sessions')].map(([key, row]) => [`sessions ${key}`, row]))

test('[LF-3, LF-4, LF-5] under cuts, lost answers and restarts two replicas end equal to the log; every command is finished, once', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (story) => {
      const server = new MemoryServer(LOG)
      const clients = ['mara', 'jo'].map((userId) =>
        start(server, { userId, store: new MemoryStore(), outbox: new MemoryOutbox(), messages: [] }),
      )
      for (const { client: who, session, what, n } of story) {
        const client = clients[who]
        if (!client) continue
        if (what === 'cut') server.cut()
        else if (what === 'swallow') server.swallow = true
        else if (what === 'unswallow') {
          server.swallow = false
          server.cut()
        } else if (what === 'offline' || what === 'online') client.replica.networkChanged(what === 'online')
        else if (what === 'wait') await pause(n)
        else if (what === 'restart') {
          // Killed without a word: only what the store and the outbox hold is left.
          server.cut()
          const { userId, store, outbox, messages, replica } = client
          void replica.close()
          clients[who] = start(server, { userId, store, outbox, messages })
        } else await act(client, what, `s${session}`, n)
      }
      server.swallow = false
      server.cut()
      for (const { replica } of clients) replica.networkChanged(true)
      const expected = (): Map<string, AnyRow> =>
        new Map([...foldRows(server.log.events)].filter(([name]) => name.startsWith('sessions ')))
      const settled = async (): Promise<boolean> => {
        for (const { outbox, replica } of clients) {
          if ((await outbox.entries()).length > 0 || replica.connection().waiting > 0) return false
          if (JSON.stringify([...rowsOf(replica)].sort()) !== JSON.stringify([...expected()].sort())) return false
        }
        return true
      }
      const deadline = Date.now() + 10_000
      while (!(await settled())) {
        if (Date.now() > deadline) {
          expect(rowsOf(clients[0]?.replica as Replica)).toEqual(expected())
          throw new Error('The outboxes were never emptied.')
        }
        await pause(10)
      }
      const ids = server.log.events.map((event) => event.id)
      expect(new Set(ids).size).toBe(ids.length)
      for (const { replica } of clients) await replica.close()
    }),
    { numRuns: Number(process.env['COPPICE_SEEDS'] ?? 25) },
  )
}, 120_000)
