import { afterEach, beforeEach, expect, test } from 'vitest'
import { startTestServer, withSession, type TestServer } from '../testing/test-server.ts'

let server: TestServer
beforeEach(async () => {
  server = await startTestServer()
})
afterEach(() => server.stop())

async function call(method: string, path: string, body?: unknown): Promise<{ status: number; data: unknown }> {
  const answer = await fetch(server.url + path, {
    method,
    headers: { authorization: `Bearer ${server.ownerToken}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const { data } = (await answer.json()) as { data: unknown }
  return { status: answer.status, data }
}

const tokenIds = async (): Promise<string[]> =>
  ((await call('GET', '/api/tokens')).data as { tokenId: string }[]).map(({ tokenId }) => tokenId)

test('[SY-8] a token is listed as soon as its making was answered, and not any more once its end was', async () => {
  for (let round = 0; round < 20; round += 1) {
    const made = await call('POST', '/api/tokens', { kind: 'api', name: `token ${round}` })
    const { tokenId } = made.data as { tokenId: string }
    expect(await tokenIds()).toContain(tokenId)
    await call('DELETE', `/api/tokens/${tokenId}`)
    expect(await tokenIds()).not.toContain(tokenId)
  }
})

test('[SY-8] an invitation stands in the log that is read over HTTP as soon as it was answered', async () => {
  const { owner, workspaceId, log } = await withSession(server)
  for (let round = 0; round < 5; round += 1) {
    const invited = await call('POST', '/api/invitations', { workspaceId, role: 'viewer' })
    const { invitationId } = invited.data as { invitationId: string }
    const read = await fetch(`${server.url}/logs/${log}?offset=-1`, {
      headers: { authorization: `Bearer ${server.ownerToken}` },
    })
    expect(read.status).toBe(200)
    expect(await read.text()).toContain(invitationId)
  }
  owner.socket.close()
})
