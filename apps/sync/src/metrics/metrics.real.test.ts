import { expect, onTestFinished, test } from 'vitest'
import { renameSession } from '../testing/commands.ts'
import { startTestServer, withSession } from '../testing/test-server.ts'

test('[OB-1] operators see what the server does at /metrics, and nobody else does', async () => {
  const server = await startTestServer()
  onTestFinished(() => server.stop())
  const ask = (token: string): Promise<Response> =>
    fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${token}` } })
  const { owner, workspaceId, sessionId, log } = await withSession(server)
  await owner.push(renameSession(workspaceId, sessionId, 'Counted'))
  await owner.push({ ...renameSession(workspaceId, sessionId, 'x'), type: `made.up${'x'.repeat(20)}` })
  owner.subscribe(log)
  await owner.next('events')

  const answer = await ask(server.ownerToken)
  expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  const text = await answer.text()
  const value = (line: string): number =>
    Number(
      text
        .split('\n')
        .find((one) => one.startsWith(`${line} `))
        ?.split(' ')[1],
    )
  expect(value('coppice_commands_total{type="session.rename",outcome="accepted"}')).toBe(1)
  // No label that a stranger can make up.
  expect(value('coppice_commands_total{type="unknown",outcome="refused"}')).toBe(1)
  expect(value('coppice_events_total{log="workspace"}')).toBeGreaterThanOrEqual(3)
  expect(value('coppice_connections{kind="client"}')).toBe(1)
  expect(value('coppice_subscriptions')).toBe(1)
  expect(value('coppice_append_seconds_count')).toBeGreaterThan(2)
  expect(value('coppice_append_seconds_bucket{le="+Inf"}')).toBe(value('coppice_append_seconds_count'))
  expect(value('coppice_sent_bytes')).toBeGreaterThan(500)
  expect(value('coppice_memory_bytes{kind="resident"}')).toBeGreaterThan(10_000_000)
  expect(text).not.toContain(workspaceId)
  for (const line of text.trimEnd().split('\n'))
    expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+(\{[^}]*\})? -?[\d.e+-]+)$/)

  expect((await ask(server.runnerToken)).status).toBe(403)
  expect((await fetch(`${server.url}/metrics`)).status).toBe(401)
  await owner.close()
})
