import { isRefusal, LIMITS, newId, sessionStream, workspaceLog, type Attachment } from '@coppice/events'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BLOB_KEPT_MS, MemoryBlobOutbox } from './blobs/blob-outbox.ts'
import type { BlobTransport } from './blobs/blob-transport.ts'
import { MemoryOutbox, openInPage, type Replica } from './index.ts'
import { MemoryServer } from './testing/memory-server.ts'
import { newSession } from './testing/new-session.ts'

const LOG = workspaceLog('w')
const PATIENCE = { timeout: 20_000, interval: 5 }

/** What a device keeps when its tab is killed. */
const device = (server: MemoryServer, transport: BlobTransport = server.transport()) => ({
  outbox: new MemoryOutbox(),
  blobs: { outbox: new MemoryBlobOutbox(), transport },
})

const open = (server: MemoryServer, kept: ReturnType<typeof device>, now?: () => number) =>
  openInPage({
    ...kept,
    ...(now && { now }),
    userId: 'mara',
    clientId: newId(),
    appVersion: 'test',
    connect: () => server.connect('mara'),
  })

async function attach(replica: Replica, text: string, name = 'a.txt'): Promise<Attachment> {
  const attachment = await replica.putBlob(new Blob([text]), { name, type: 'text/plain' })
  if (isRefusal(attachment)) throw new Error(attachment.message)
  return attachment
}

async function create(replica: Replica, sessionId: string, files: Attachment[] = []): Promise<void> {
  const message = { messageId: newId(), text: 'first', attachments: files }
  const data = { ...newSession(sessionId), ...(files.length > 0 && { message }) }
  await replica.command({ log: LOG, stream: sessionStream(sessionId) }, 'session.create', data)
}

async function say(replica: Replica, sessionId: string, text: string, attachments: Attachment[] = []) {
  const data = { messageId: newId(), text, ...(attachments.length > 0 && { attachments }) }
  const sent = await replica.command({ log: LOG, stream: sessionStream(sessionId) }, 'message.send', data)
  if (isRefusal(sent)) throw new Error(sent.message)
  return sent
}

const said = (server: MemoryServer, sessionId: string): string[] =>
  server.log.events
    .filter((event) => event.type === 'message.queued' && event.stream === sessionStream(sessionId))
    .map((event) => String(event.data['text']))

test('[LF-2] whatever is cut, fails or is killed, each message arrives once, in order, and never before its file', async () => {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant('say'), session: fc.nat(1), file: fc.option(fc.nat(3)) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('cut', 'kill', 'off', 'on') }) },
  )
  // Few failures in a row: each makes the pause before the next try twice as long.
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 14 }),
      fc.array(fc.boolean(), { maxLength: 4 }),
      async (steps, luck) => {
        const server = new MemoryServer(LOG)
        let asked = 0
        const kept = device(
          server,
          server.transport(() => server.reachable && (luck[asked++] ?? true)),
        )
        let replica = open(server, kept)
        await create(replica, 's0')
        await create(replica, 's1')
        const wanted: [string[], string[]] = [[], []]
        for (const [n, one] of steps.entries()) {
          if (one.do === 'say' && 'session' in one) {
            const files = one.file === null ? [] : [await attach(replica, `file ${one.file}`)]
            await say(replica, `s${one.session}`, `message ${n}`, files)
            wanted[one.session === 0 ? 0 : 1].push(`message ${n}`)
          } else if (one.do === 'kill') {
            // What is on disk is all that the next one has.
            await replica.close()
            replica = open(server, kept)
          } else {
            server.reachable = one.do !== 'off'
            server.cut()
            replica.networkChanged(server.reachable)
          }
        }
        server.reachable = true
        replica.networkChanged(true)
        await expect.poll(() => [said(server, 's0'), said(server, 's1')], PATIENCE).toEqual(wanted)
        await expect.poll(() => replica.connection(), PATIENCE).toMatchObject({ state: 'online', waiting: 0 })
        expect(server.early).toBe(0)
        await replica.close()
      },
    ),
    { numRuns: 25 },
  )
}, 240_000)

test('[LF-2] what follows a waiting file in its session waits; other sessions go on; a server that lost it is brought it again', async () => {
  const server = new MemoryServer(LOG)
  let works = false
  const kept = device(
    server,
    server.transport(() => works),
  )
  const replica = open(server, kept)
  await create(replica, 's1')
  await create(replica, 's2')
  const file = await attach(replica, 'a plan')
  await say(replica, 's1', 'with a file', [file])
  await say(replica, 's1', 'after it')
  await say(replica, 's2', 'elsewhere')
  await expect.poll(() => said(server, 's2')).toEqual(['elsewhere'])
  expect(said(server, 's1')).toEqual([])
  expect(replica.connection().waiting).toBe(2)
  works = true
  await expect.poll(() => said(server, 's1'), PATIENCE).toEqual(['with a file', 'after it'])
  expect(server.uploads).toBe(1)

  server.blobs.clear()
  await say(replica, 's1', 'once more', [file])
  await expect.poll(() => said(server, 's1').at(-1), PATIENCE).toBe('once more')
  expect([server.uploads, server.early]).toEqual([2, 1])
  await replica.close()
})

test('[LF-2] a file that the server refuses makes its message refused, with what was built on it; the text can be had back', async () => {
  const server = new MemoryServer(LOG)
  const refusal = { code: 'too_large', message: 'No room.' } as const
  const kept = device(server, { has: async () => 'absent', put: async () => ({ kind: 'refused', refusal }) })
  const replica = open(server, kept)
  await create(replica, 's1')
  const sent = await say(replica, 's1', 'see this', [await attach(replica, 'large')])
  const later = await say(replica, 's1', 'and this')
  expect(await sent.settled).toEqual({ kind: 'refused', refusal })
  expect(await later.settled).toEqual({ kind: 'accepted' })
  await create(replica, 's2', [await attach(replica, 'large, too')])
  const built = await say(replica, 's2', 'and then')
  expect(await built.settled).toMatchObject({ kind: 'refused', refusal: { code: 'dependency_refused' } })
  await expect
    .poll(() => replica.refused())
    .toMatchObject([{ text: 'see this', refusal }, { text: 'first' }, { text: 'and then' }])
  await replica.close()
})

test('a file over the limit is refused before anything is kept; one that is gone from the device is told of', async () => {
  const server = new MemoryServer(LOG)
  const kept = device(server)
  const replica = open(server, kept)
  const large = new Blob([new Uint8Array(LIMITS.blobBytes + 1)])
  expect(await replica.putBlob(large, { name: 'film.mp4', type: 'video/mp4' })).toMatchObject({
    code: 'too_large',
    message: expect.stringContaining('film.mp4') as string,
  })
  expect(await kept.blobs.outbox.list()).toEqual([])
  await create(replica, 's1')
  const file = await attach(replica, 'gone', `${'n'.repeat(300)}.txt`)
  expect(file.name).toHaveLength(LIMITS.nameChars)
  expect(file.name.endsWith('.txt')).toBe(true)
  await kept.blobs.outbox.remove(file.sha256, Infinity)
  const sent = await say(replica, 's1', 'where is it', [file])
  expect(await sent.settled).toMatchObject({ kind: 'refused', refusal: { code: 'blob_missing' } })
  await replica.close()
})

test('files are kept while a command needs them and a while longer, then they go', async () => {
  const server = new MemoryServer(LOG)
  server.reachable = false
  let now = Date.now()
  const kept = device(server)
  let replica = open(server, kept, () => now)
  const [named, loose] = [await attach(replica, 'named'), await attach(replica, 'loose')]
  await say(replica, 's1', 'needs it', [named])
  await replica.close()
  now += BLOB_KEPT_MS
  replica = open(server, kept, () => now)
  await replica.ready
  expect((await kept.blobs.outbox.list()).map(({ sha256 }) => sha256)).toEqual([named.sha256])
  expect(await replica.keptBlob(loose.sha256)).toBeUndefined()
  expect(await (await replica.keptBlob(named.sha256))?.text()).toBe('named')
  await replica.close()
})
