import { openLink, type TestServer } from './test-server.ts'

/** What a request of somebody carries. */
export type By = Readonly<Record<string, string>>

export const bearer = (token: string): By => ({ authorization: `Bearer ${token}` })

/** Somebody new who was invited to a workspace, signed in with a cookie as from one of our own pages. */
export async function invited(
  server: TestServer,
  workspaceId: string,
  role: 'viewer' | 'member' | 'admin',
): Promise<{ by: By; id: string }> {
  const answer = await fetch(`${server.url}/api/invitations`, {
    method: 'POST',
    headers: { ...bearer(server.ownerToken), 'content-type': 'application/json' },
    body: JSON.stringify({ workspaceId, role }),
  })
  const { data } = (await answer.json()) as { data: { link: string } }
  const { cookie } = await openLink(server.url, new URL(data.link).pathname, `A ${role}`)
  const by = { cookie, origin: server.url }
  const me = (await (await fetch(`${server.url}/api/me`, { headers: by })).json()) as { data: { userId: string } }
  return { by, id: me.data.userId }
}
