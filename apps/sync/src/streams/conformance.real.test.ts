import { runConformanceTests } from '@durable-streams/server-conformance-tests'
import { afterAll, beforeAll, describe } from 'vitest'
import { withSession, startTestServer, type TestServer } from '../testing/test-server.ts'

/**
 * The protocol's public suite against a running server, as the owner of a workspace. It knows nothing of sign-in and
 * believes that streams begin at the root, so its requests are given the token, and the source of a fork its prefix.
 */
describe('[SY-6] the Durable Streams conformance suite', () => {
  const config = { baseUrl: '', longPollTimeoutMs: 20_000 }
  const plainFetch = globalThis.fetch
  let server: TestServer

  beforeAll(async () => {
    server = await startTestServer()
    const { owner, workspaceId } = await withSession(server)
    await owner.close()
    const prefix = `/streams/${workspaceId}`
    config.baseUrl = server.url + prefix
    globalThis.fetch = (input, init) => {
      const request = new Request(input, init)
      request.headers.set('authorization', `Bearer ${server.ownerToken}`)
      const source = request.headers.get('stream-forked-from')
      if (source !== null) request.headers.set('stream-forked-from', prefix + source)
      return plainFetch(request)
    }
  })

  afterAll(async () => {
    globalThis.fetch = plainFetch
    await server.stop()
  })

  runConformanceTests(config)
})
