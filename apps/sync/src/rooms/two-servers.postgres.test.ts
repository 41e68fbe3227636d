import { expect, test } from 'vitest'
import { anotherFolder, freshDataFolder } from '../testing/data-folder.ts'
import { bearer } from '../testing/members.ts'
import { startTestServer, withSession } from '../testing/test-server.ts'
import { until, yjsClient, type YjsClient } from '../testing/yjs-client.ts'

test('[SY-3] a room and a stream are one through two servers: updates, cursors and tails cross', async () => {
  const place = await freshDataFolder()
  const other = anotherFolder(place)
  const [a, b] = await Promise.all([startTestServer(place), startTestServer(other)])
  const { owner, workspaceId } = await withSession(a)
  const room = `${workspaceId}/notes`
  const here = yjsClient(a.url, room, bearer(a.ownerToken))
  await until(() => here.provider.synced, Boolean)
  const there = yjsClient(b.url, room, bearer(b.ownerToken))
  await until(() => there.provider.synced, Boolean)
  for (let n = 0; n < 50; n += 1) {
    here.text.insert(0, 'a')
    there.text.insert(0, 'b')
  }
  await until(
    () => [here.text.toJSON(), there.text.toJSON()],
    ([left, right]) => left === right && left?.length === 100,
  )
  here.provider.awareness.setLocalStateField('cursor', 3)
  await until(
    () => there.provider.awareness.getStates().get(here.doc.clientID),
    (state) => state?.['cursor'] === 3,
  )
  const stream = `/streams/${workspaceId}/tail`
  const headers = { 'content-type': 'text/plain' }
  const made = await fetch(a.url + stream, { method: 'PUT', headers: { ...headers, ...bearer(a.ownerToken) } })
  expect(made.status).toBe(201)
  const tail = fetch(`${b.url}${stream}?offset=-1&live=long-poll`, { headers: bearer(b.ownerToken) })
  await fetch(a.url + stream, { method: 'POST', body: 'news', headers: { ...headers, ...bearer(a.ownerToken) } })
  expect(await (await tail).text()).toBe('news')
  const read = await fetch(b.url + stream, { headers: bearer(b.ownerToken) })
  expect(await read.text()).toBe('news')
  for (const client of [here, there]) client.leave()
  await owner.close()
  await b.stop()
  await a.stop()
})

test('[SY-3] awareness through two servers: who comes late sees who is there, who moves stays, who goes is gone, also with their server', async () => {
  const place = await freshDataFolder()
  const other = anotherFolder(place)
  const [a, b] = await Promise.all([startTestServer(place), startTestServer(other)])
  const { owner, workspaceId } = await withSession(a)
  const room = `${workspaceId}/notes`
  const seenBy = (one: YjsClient, of: YjsClient): unknown =>
    one.provider.awareness.getStates().get(of.doc.clientID)?.['cursor']
  const ann = yjsClient(a.url, room, bearer(a.ownerToken))
  ann.provider.awareness.setLocalStateField('cursor', 1)
  await until(() => ann.provider.synced, Boolean)
  // Nobody has been in the room through the other server until now.
  const late = yjsClient(b.url, room, bearer(b.ownerToken))
  late.provider.awareness.setLocalStateField('cursor', 2)
  await until(
    () => [seenBy(late, ann), seenBy(ann, late)].join(),
    (seen) => seen === '1,2',
  )
  // And one who comes when the room is there.
  const later = yjsClient(b.url, room, bearer(b.ownerToken))
  await until(
    () => seenBy(later, ann),
    (cursor) => cursor === 1,
  )
  later.provider.awareness.setLocalStateField('cursor', 3)
  await until(
    () => seenBy(ann, later),
    (cursor) => cursor === 3,
  )
  later.leave()
  await until(
    () => ann.provider.awareness.getStates().size,
    (size) => size === 2,
  )

  // The same client, through the other server from now on.
  ann.provider.disconnect()
  await until(
    () => seenBy(late, ann),
    (cursor) => cursor === undefined,
  )
  ann.provider.serverUrl = `${b.url.replace(/^http/, 'ws')}/yjs`
  ann.provider.connect()
  ann.provider.awareness.setLocalStateField('cursor', 4)
  await until(
    () => seenBy(late, ann),
    (cursor) => cursor === 4,
  )
  const again = yjsClient(a.url, room, bearer(a.ownerToken))
  await until(
    () => [seenBy(again, late), seenBy(again, ann)].join(),
    (seen) => seen === '2,4',
  )

  // A server that stops takes its people with it.
  again.provider.awareness.setLocalStateField('cursor', 5)
  await until(
    () => seenBy(late, again),
    (cursor) => cursor === 5,
  )
  await owner.close()
  again.provider.shouldConnect = false
  await a.close()
  await until(
    () => seenBy(late, again),
    (cursor) => cursor === undefined,
  )
  for (const client of [again, late, ann]) client.leave()
  await b.stop()
  await place.remove()
})

test('[SY-3] a room of a workspace that was made through one server just now is there at the other', async () => {
  const place = await freshDataFolder()
  const [a, b] = await Promise.all([startTestServer(place), startTestServer(anotherFolder(place))])
  for (let n = 0; n < 5; n += 1) {
    const { owner, workspaceId } = await withSession(a)
    const there = yjsClient(b.url, `${workspaceId}/notes`, bearer(b.ownerToken))
    await until(() => there.provider.synced, Boolean)
    there.leave()
    await owner.close()
  }
  await b.stop()
  await a.stop()
})
