import { isRefusal, newId, sessionStream, workspaceLog, type CommandData, type KnownCommand } from '@coppice/events'
import { expect, test } from 'vitest'
import { openInPage, type Replica, type Settled } from './index.ts'
import { MemoryServer } from './testing/memory-server.ts'
import { newSession } from './testing/new-session.ts'

const LOG = workspaceLog('w')

function open(server: MemoryServer, userId: string): Replica & { networkChanged(online: boolean): void } {
  return openInPage({ userId, clientId: newId(), appVersion: 'test', connect: () => server.connect(userId) })
}

async function send<T extends KnownCommand['type']>(
  replica: Replica,
  sessionId: string,
  type: T,
  data: CommandData<T>,
): Promise<Promise<Settled>[]> {
  const sent = await replica.command({ log: LOG, stream: sessionStream(sessionId) }, type, data)
  if (isRefusal(sent)) throw new Error(sent.message)
  return [sent.settled]
}

test('[LF-3] what was built on a refused command ends as dependency-refused, its text can be had back and sent again', async () => {
  const server = new MemoryServer(LOG)
  const jo = open(server, 'jo')
  await jo.ready
  await Promise.all(await send(jo, 's1', 'session.create', newSession('s1')))
  const mara = open(server, 'mara')
  await expect.poll(() => mara.rows('sessions').has('s1')).toBe(true)
  server.reachable = false
  server.cut()
  await expect.poll(() => mara.connection().state).toBe('offline')
  // Off line this looks possible; meanwhile Jo has ended the session.
  await send(mara, 's1', 'message.send', { messageId: 'm1', text: 'please do' })
  await send(mara, 's1', 'message.edit', { messageId: 'm1', text: 'please do this' })
  await expect.poll(() => mara.rows('sessions').get('s1')?.queued).toBe(1)
  server.reachable = true
  jo.networkChanged(true)
  await Promise.all(await send(jo, 's1', 'session.end', { outcome: 'done' }))
  mara.networkChanged(true)
  await expect.poll(() => mara.connection().waiting).toBe(0)
  await expect
    .poll(() => mara.refused().map(({ type, text }) => ({ type, text })))
    .toEqual([
      { type: 'message.send', text: 'please do' },
      { type: 'message.edit', text: 'please do this' },
    ])
  expect(mara.refused()[1]?.refusal.code).toBe('dependency_refused')

  const [first, second] = mara.refused()
  await mara.dismissRefused(second?.commandId ?? '')
  await mara.sendAgain(first?.commandId ?? '')
  // Still refused, under its new id: nothing is lost by trying.
  await expect.poll(() => mara.refused().map(({ text }) => text)).toEqual(['please do'])
  expect(mara.refused()[0]?.commandId).not.toBe(first?.commandId)
  await mara.close()
  await jo.close()
})

test('[LF-3] a local refusal is final only for what any server would refuse; the rest goes to the server', async () => {
  const server = new MemoryServer(LOG)
  const mara = open(server, 'mara')
  await mara.ready
  const address = { log: LOG, stream: sessionStream('s1') }
  expect(await mara.command(address, 'session.rename', { name: '' })).toMatchObject({ code: 'invalid' })
  expect(server.pushes).toBe(0)
  await Promise.all(await send(mara, 's1', 'session.create', newSession('s1')))
  // To this device the message is gone or never was; only the server knows.
  const [settled] = await send(mara, 's1', 'message.remove', { messageId: 'unknown-here' })
  expect(await settled).toMatchObject({ kind: 'refused' })
  expect(server.pushes).toBe(2)
  await mara.close()
})
