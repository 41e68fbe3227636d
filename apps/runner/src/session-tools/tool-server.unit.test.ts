import { request } from 'node:http'
import { expect, test } from 'vitest'
import type { ToolCall } from '../agents/happenings.ts'
import { ownTool, serverEntry, serverName } from './server-entry.ts'
import { newToken, ToolServer, type Admission } from './tool-server.ts'
import type { AnswerCall } from './tools.ts'

const ask = (id: number, method: string, params?: unknown): string =>
  JSON.stringify({ jsonrpc: '2.0', id, method, ...(params !== undefined && { params }) })

async function post(
  { url, token }: Pick<Admission, 'url' | 'token'>,
  body: string,
  headers: Record<string, string> = {},
) {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, accept: 'application/json, text/event-stream', ...headers },
    body,
  })
  return { status: answer.status, text: await answer.text() }
}

const echo =
  (mine: string): AnswerCall =>
  (name) =>
    Promise.resolve({ text: `${mine} ${name}`, failed: false })

test('[AC-7] a token is good for one session’s tools, and for nothing once its agent has ended', async () => {
  const server = await ToolServer.start()
  const [one, other] = [server.admit(newToken(), echo('one')), server.admit(newToken(), echo('other'))]
  const call = ask(1, 'tools/call', { name: 'create_ticket', arguments: {} })
  expect((await post(one, call)).text).toContain('one create_ticket')
  expect((await post(other, call)).text).toContain('other create_ticket')
  expect(one.token).not.toBe(other.token)
  expect(await post({ ...one, token: `${one.token}x` }, call)).toMatchObject({ status: 401 })
  expect(await post({ ...one, token: '' }, call)).toMatchObject({ status: 401 })
  one.revoke()
  expect(await post(one, call)).toMatchObject({ status: 401 })
  expect((await post(other, call)).text).toContain('other')
  server.close()
})

test('it speaks the Model Context Protocol: versions, tools with their schemas, notifications, mistakes', async () => {
  const server = await ToolServer.start()
  const mine = server.admit(newToken(), echo('mine'))
  const said = async (text: string): Promise<unknown> => {
    const answer = (await post(mine, text)).text
    return JSON.parse(/^data: (.*)$/m.exec(answer)?.[1] ?? answer)
  }
  expect(await said(ask(1, 'initialize', { protocolVersion: '2025-03-26' }))).toMatchObject({
    id: 1,
    result: { protocolVersion: '2025-03-26', capabilities: { tools: {} }, serverInfo: { name: 'coppice' } },
  })
  expect(await said(ask(1, 'initialize', { protocolVersion: '1999-01-01' }))).toMatchObject({
    result: { protocolVersion: '2025-06-18' },
  })
  expect(await said(ask(2, 'tools/list'))).toMatchObject({
    result: {
      tools: [
        { name: 'ask_question', inputSchema: { type: 'object', required: ['question'] } },
        { name: 'create_plan' },
        { name: 'create_ticket' },
        { name: 'log_event' },
      ],
    },
  })
  expect(await said(ask(3, 'tools/call', { name: 'rm' }))).toMatchObject({ id: 3, error: { code: -32_602 } })
  expect(await said(ask(4, 'resources/list'))).toMatchObject({ error: { code: -32_601 } })
  expect(await said(ask(5, 'ping'))).toMatchObject({ id: 5, result: {} })
  expect(await said('[1]')).toMatchObject({ error: { code: -32_600 } })
  expect(await said('{')).toMatchObject({ error: { code: -32_600 } })
  const notice = JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' })
  expect(await post(mine, notice)).toEqual({ status: 202, text: '' })
  expect(await post(mine, ' '.repeat(300 * 1024))).toMatchObject({ status: 413 })
  server.close()
})

test('pages in a browser, other names for the address, and other methods are refused', async () => {
  const server = await ToolServer.start()
  const mine = server.admit(newToken(), echo('mine'))
  expect(await post(mine, ask(1, 'ping'), { origin: 'https://evil.example' })).toMatchObject({ status: 403 })
  const rebound = await new Promise((resolve, reject) => {
    const headers = { host: 'evil.example', authorization: `Bearer ${mine.token}` }
    request(mine.url, { method: 'POST', headers }, (answer) => resolve(answer.resume().statusCode))
      .on('error', reject)
      .end(ask(1, 'ping'))
  })
  expect(rebound).toBe(403)
  const got = await fetch(mine.url, { headers: { authorization: `Bearer ${mine.token}` } })
  expect(got.status).toBe(405)
  server.close()
})

test('a call that waits for a person ends when its caller goes', async () => {
  const server = await ToolServer.start()
  const gone = Promise.withResolvers<void>()
  const mine = server.admit(
    newToken(),
    (_name, _input, signal) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          gone.resolve()
          resolve({ text: '', failed: true })
        })
      }),
  )
  const stop = new AbortController()
  const asked = fetch(mine.url, {
    method: 'POST',
    headers: { authorization: `Bearer ${mine.token}`, accept: 'text/event-stream' },
    body: ask(1, 'tools/call', { name: 'ask_question', arguments: {} }),
    signal: stop.signal,
  })
  // The head comes at once: nobody takes the one who thinks for a dead server.
  expect((await asked).headers.get('content-type')).toBe('text/event-stream')
  stop.abort()
  await gone.promise
  server.close()
})

test('an agent gets the server in the way that it takes; a tool of ours is known by its whole name only', () => {
  const admission = { url: 'http://127.0.0.1:1/mcp', token: 'secret', revoke: () => undefined }
  const name = serverName('s1')
  expect(serverEntry(name, admission, { mcpCapabilities: { http: true } })).toMatchObject({
    type: 'http',
    headers: [{ name: 'Authorization', value: 'Bearer secret' }],
  })
  const passed = serverEntry(name, admission, {})
  expect(passed).toMatchObject({ command: process.execPath })
  expect(JSON.stringify('args' in passed && passed.args)).not.toContain('secret')
  const call = (title: string, more: Partial<ToolCall> = {}): ToolCall => ({
    callId: 'c',
    family: 'other',
    title,
    target: '',
    status: 'pending',
    output: '',
    exitCode: null,
    locations: [],
    diffs: [],
    ...more,
  })
  expect(ownTool(name, call(`mcp__${name}__ask_question`))).toBe('ask_question')
  expect(ownTool(name, call('Asking', { name: `${name}_create_plan` }))).toBe('create_plan')
  expect(ownTool(name, call(`log_event (${name} MCP Server)`))).toBe('log_event')
  expect(ownTool(name, call('mcp__coppice__ask_question'))).toBeUndefined()
  expect(ownTool(name, call(`mcp__${serverName('s2')}__ask_question`))).toBeUndefined()
  expect(ownTool(name, call(`rm; mcp__${name}__ask_question`))).toBeUndefined()
  expect(ownTool(name, call(`mcp__${name}__ask_question`, { family: 'run' }))).toBeUndefined()
})
