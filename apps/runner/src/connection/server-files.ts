import { readSession } from '../turns/read-session.ts'
import type { RunnerContext } from '../runner-context.ts'
import type { RunnerToken } from './server-link.ts'

/** What a runner fetches from its server, and sends to it, over HTTP. */
export function serverFiles(
  server: string,
  token: RunnerToken,
): Pick<RunnerContext, 'fetchBlob' | 'storeBlob' | 'readSession'> {
  const authorization = (): string => `Bearer ${token.read()}`
  const blob = (workspaceId: string, sha256: string): URL => new URL(`/blobs/${workspaceId}/${sha256}`, server)
  return {
    fetchBlob: (workspaceId, sha256, signal) =>
      fetch(blob(workspaceId, sha256), { headers: { authorization: authorization() }, signal }),
    storeBlob: async (workspaceId, sha256, bytes, type) => {
      const headers = { authorization: authorization(), 'content-type': type }
      const answer = await fetch(blob(workspaceId, sha256), { method: 'PUT', headers, body: Buffer.from(bytes) })
      if (!answer.ok) throw new Error(`The server answered ${answer.status} to a blob: ${await answer.text()}`)
    },
    readSession: (address) => readSession(address, { server, token: () => token.read() }),
  }
}
