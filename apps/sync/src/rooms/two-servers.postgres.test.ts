import { expect, test } from 'vitest'
import { anotherFolder, freshDataFolder } from '../testing/data-folder.ts'
import { bearer } from '../testing/members.ts'
import { startTestServer, withSession } from '../testing/test-server.ts'
import { until, yjsClient } from '../testing/yjs-client.ts'

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
