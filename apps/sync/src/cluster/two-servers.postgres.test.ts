import { setTimeout as pause } from 'node:timers/promises'
import { newId, sessionStream, workspaceLog } from '@coppice/events'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { renameSession } from '../testing/commands.ts'
import { anotherFolder, freshDataFolder, type TestPlace } from '../testing/data-folder.ts'
import { bearer } from '../testing/members.ts'
import { startNats, type NatsServer } from '../testing/nats-server.ts'
import { SyncClient } from '../testing/sync-client.ts'
import { openLink, startTestServer, withSession, type TestServer } from '../testing/test-server.ts'
import { yjsClient, type YjsClient } from '../testing/yjs-client.ts'

describe.each(['LISTEN/NOTIFY', 'NATS'])('over %s', (bus) => {
  let nats: NatsServer | undefined
  let places: readonly [TestPlace, TestPlace]
  let a: TestServer
  let b: TestServer
  beforeEach(async () => {
    nats = bus === 'NATS' ? await startNats() : undefined
    const place = await freshDataFolder()
    places = [place, anotherFolder(place)]
    ;[a, b] = await Promise.all(
      places.map((one) => startTestServer(one, nats?.url)) as [Promise<TestServer>, Promise<TestServer>],
    )
  })
  afterEach(async () => {
    await b.stop()
    await a.stop()
    await nats?.stop()
  })

  test('[SY-3] what is written through one server reaches who follows through the other, whole and in order', async () => {
    const { owner, workspaceId, sessionId, log } = await withSession(a)
    const there = await SyncClient.connect(b.url, { token: b.ownerToken })
    there.subscribe(log)
    owner.subscribe(log)
    const pushes = Array.from({ length: 40 }, (_, n) => [
      owner.push(renameSession(workspaceId, sessionId, `a ${n}`)),
      there.push(renameSession(workspaceId, sessionId, `b ${n}`)),
    ]).flat()
    const results = await Promise.all(pushes)
    expect(results.filter((result) => result.kind !== 'accepted')).toEqual([])
    const seen = [await owner.eventsUpTo(log, 83), await there.eventsUpTo(log, 83)]
    expect(seen[0]).toEqual(seen[1])
    expect(seen[0]?.map((event) => event.position)).toEqual(seen[0]?.map((_, index) => index + 1))
    // Accepted where the receipt said.
    for (const result of results) if (result.kind === 'accepted') expect(result.from).toBe(result.to)
    expect([...a.reports, ...b.reports]).toEqual([])
    await Promise.all([owner.close(), there.close()])
  })

  test('[SY-3] a workspace that is made through one server is told to its members at the other', async () => {
    const there = await SyncClient.connect(b.url, { token: a.ownerToken })
    const { owner, log } = await withSession(a)
    await there.next('access', (message) => message.logs.some((one) => one.log === log))
    await Promise.all([owner.close(), there.close()])
  })

  test('[SY-3] live text, questions to runners, and who is watching cross from server to server', async () => {
    const { owner, sessionId, log } = await withSession(a)
    const there = await SyncClient.connect(b.url, { token: b.ownerToken })
    const runner = await SyncClient.connect(a.url, { token: a.runnerToken }, { role: 'runner' })
    await there.next('runners', ({ online }) => online.includes(a.runnerId))

    there.subscribe(log)
    there.send({ t: 'watch', sessions: [{ log, session: sessionId }] })
    await owner.next('presence', ({ people, session }) => session === sessionId && people.length === 1)
    const text = { kind: 'text' as const, itemId: 'm1', channel: 'agent' as const, turnId: 't1', at: 1 }
    runner.send({ t: 'live', log, session: sessionId, items: [{ ...text, offset: 0, text: 'Once ' }] })
    await there.next('live', ({ items }) => JSON.stringify(items).includes('Once '))
    // Who comes late, through the other server, gets what there is.
    const late = await SyncClient.connect(b.url, { token: b.ownerToken })
    late.send({ t: 'watch', sessions: [{ log, session: sessionId }] })
    await late.next('live', ({ items }) => JSON.stringify(items).includes('Once '))

    const id = newId()
    there.send({ t: 'query', id, log, request: { kind: 'git.log', sessionId } })
    const asked = await fromRunner(runner)
    runner.send({ t: 'queryResult', id: asked, answer: { ok: true, commits: [] } })
    expect((await there.next('queryResult', (message) => message.id === id)).answer).toEqual({ ok: true, commits: [] })

    there.forget()
    await runner.close()
    await there.next('runners', ({ online }) => !online.includes(a.runnerId))
    there.send({ t: 'query', id: 'q2', log, request: { kind: 'git.log', sessionId } })
    expect((await there.next('queryResult', (message) => message.id === 'q2')).answer).toMatchObject({
      code: 'runner_away',
    })
    await Promise.all([owner.close(), there.close(), late.close()])
  })

  test('[SY-3] a runner whose other process connects elsewhere is fenced at the first server', async () => {
    const first = await SyncClient.connect(a.url, { token: a.runnerToken }, { role: 'runner' })
    const second = await SyncClient.connect(b.url, { token: a.runnerToken }, { role: 'runner' })
    expect(await first.next('error')).toMatchObject({ code: 'fenced', fatal: true })
    expect(Number(second.welcome.producerEpoch)).toBeGreaterThan(Number(first.welcome.producerEpoch))
    await second.close()
  })

  test('[SY-3] one sign-in for all: cookies and links count at both, and an ended token ends connections at both', async () => {
    const call = async (server: TestServer, method: string, path: string, body?: object) => {
      const answer = await fetch(server.url + path, {
        method,
        headers: { authorization: `Bearer ${a.ownerToken}`, 'content-type': 'application/json' },
        ...(body && { body: JSON.stringify(body) }),
      })
      return ((await answer.json()) as { data: Record<string, unknown> }).data
    }
    const { owner, workspaceId } = await withSession(a)
    const invitation = await call(a, 'POST', '/api/invitations', { workspaceId, role: 'member' })
    const joined = await openLink(b.url, new URL(String(invitation['link'])).pathname, 'Ben')
    expect(joined.status).toBe(303)
    const ben = await SyncClient.connect(a.url, { cookie: joined.cookie })
    expect(ben.welcome.logs.map((one) => one.log)).toContain(workspaceLog(workspaceId))

    const made = await call(a, 'POST', '/api/tokens', { kind: 'api', name: 'script' })
    const script = await SyncClient.connect(b.url, { token: String(made['token']) })
    await call(a, 'DELETE', `/api/tokens/${String(made['tokenId'])}`)
    expect(await script.next('error')).toMatchObject({ code: 'unauthorized' })
    await Promise.all([owner.close(), ben.close()])
  })

  test('[SY-3] a byte stream and a shared document that grow at one server are followed at the other', async () => {
    const { owner, workspaceId, sessionId } = await withSession(a)
    const there = await SyncClient.connect(b.url, { token: a.ownerToken })
    const by = { ...bearer(a.ownerToken), 'content-type': 'text/plain' }
    const path = `/streams/${workspaceId}/notes/one`
    expect((await fetch(a.url + path, { method: 'PUT', headers: by })).status).toBe(201)
    const waiting = fetch(`${b.url}${path}?offset=now&live=long-poll`, { headers: by })
    await pause(200)
    await fetch(a.url + path, { method: 'POST', headers: by, body: 'news' })
    expect(await (await waiting).text()).toBe('news')

    const room = `${workspaceId}/session/${sessionId}/draft`
    const [mara, ben] = [yjsClient(a.url, room, bearer(a.ownerToken)), yjsClient(b.url, room, bearer(a.ownerToken))]
    mara.text.insert(0, 'Hello')
    await expect.poll(() => ben.text.toJSON()).toBe('Hello')
    for (let n = 0; n < 50; n += 1) {
      mara.text.insert(0, 'a')
      ben.text.insert(ben.text.length, 'b')
      if (n % 10 === 0) await pause(5)
    }
    await expect.poll(() => mara.text.length).toBe(105)
    await expect.poll(() => ben.text.toJSON()).toBe(mara.text.toJSON())
    mara.leave()
    ben.leave()
    await Promise.all([owner.close(), there.close()])
  })

  test('[SY-3] who is in a room, and where their cursors are, is seen through the other server; who goes, goes there too', async () => {
    const { owner, workspaceId, sessionId } = await withSession(a)
    const room = `${workspaceId}/session/${sessionId}/draft`
    const [mara, ben] = [yjsClient(a.url, room, bearer(a.ownerToken)), yjsClient(b.url, room, bearer(a.ownerToken))]
    const seen = (by: YjsClient, of: YjsClient): unknown =>
      by.provider.awareness.getStates().get(of.doc.clientID)?.['cursor']
    mara.provider.awareness.setLocalStateField('cursor', 1)
    ben.provider.awareness.setLocalStateField('cursor', 2)
    await expect.poll(() => [seen(ben, mara), seen(mara, ben)]).toEqual([1, 2])
    mara.provider.awareness.setLocalStateField('cursor', 3)
    await expect.poll(() => seen(ben, mara)).toBe(3)
    mara.leave()
    await expect.poll(() => seen(ben, mara)).toBeUndefined()
    ben.leave()
    await owner.close()
  })

  test('[SY-3] a client that goes from one server to the other at once finds all that it saw', async () => {
    const { owner, workspaceId, sessionId, log } = await withSession(a)
    owner.subscribe(log)
    for (let n = 0; n < 20; n += 1) await owner.push(renameSession(workspaceId, sessionId, `name ${n}`))
    const events = await owner.eventsUpTo(log, 23)
    await owner.close()
    const there = await SyncClient.connect(b.url, { token: a.ownerToken })
    const known = there.welcome.logs.find((one) => one.log === log)
    expect(known?.head).toBe(23)
    there.subscribe(log, 22, known?.epoch)
    expect(await there.eventsUpTo(log, 23)).toEqual(events.slice(-1))
    expect(events.at(-1)?.stream).toBe(sessionStream(sessionId))
    await there.close()
  })
})

/** The id under which the runner was asked. */
async function fromRunner(runner: SyncClient): Promise<string> {
  const question = await expect
    .poll(() => runner.received.map((message) => message as { t: string; id?: string }).find(({ t }) => t === 'query'))
    .toBeDefined()
    .then(() => runner.received.map((message) => message as { t: string; id?: string }).find(({ t }) => t === 'query'))
  return question?.id ?? ''
}
