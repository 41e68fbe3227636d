/**
 * An agent that does what a prompt says with the tools of its session: `node asking-agent.ts http|stdio`. A prompt
 * `{"tool", "arguments"}` calls that tool and says its answer; `"withinMs"` makes it lose patience; `servers` says what it was
 * given; any other prompt is repeated.
 */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

const way = process.argv[2] ?? 'http'
type Server = {
  name: string
  url?: string
  headers?: { name: string; value: string }[]
  command?: string
  args?: string[]
  env?: { name: string; value: string }[]
}
type Wish = { tool: string; arguments: unknown; withinMs?: number }
type Message = {
  id?: number | string
  method?: string
  params?: { prompt?: { text?: string }[]; mcpServers?: Server[] }
}

let servers: Server[] = []
let turn: number | string | undefined

function send(message: Record<string, unknown>): void {
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
}

function update(fields: Record<string, unknown>): void {
  send({ method: 'session/update', params: { sessionId: 's1', update: fields } })
}

function end(text: string, stopReason = 'end_turn'): void {
  if (turn === undefined) return
  update({ sessionUpdate: 'agent_message_chunk', content: { type: 'text', text } })
  send({ id: turn, result: { stopReason } })
  turn = undefined
}

async function called(server: Server, { tool, arguments: input, withinMs }: Wish): Promise<string> {
  const request = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: tool, arguments: input } }
  const body = JSON.stringify(request)
  if (server.command !== undefined) return calledByProcess(server, body)
  const answer = await fetch(server.url ?? '', {
    method: 'POST',
    headers: {
      ...Object.fromEntries((server.headers ?? []).map(({ name, value }) => [name, value])),
      accept: 'application/json, text/event-stream',
    },
    body,
    ...(withinMs !== undefined && { signal: AbortSignal.timeout(withinMs) }),
  })
  const text = await answer.text()
  return textIn(/^data: (.*)$/m.exec(text)?.[1] ?? text)
}

function calledByProcess({ command = '', args = [], env = [] }: Server, body: string): Promise<string> {
  const passed = Object.fromEntries(env.map(({ name, value }) => [name, value]))
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, ...passed } })
  child.stdin.write(`${body}\n`)
  return new Promise((resolve) => {
    createInterface({ input: child.stdout }).once('line', (line) => {
      child.stdin.end()
      resolve(textIn(line))
    })
  })
}

function textIn(line: string): string {
  const { result, error } = JSON.parse(line) as {
    result?: { content: { text: string }[]; isError: boolean }
    error?: { message: string }
  }
  return `${result?.isError ? 'failed: ' : ''}${result?.content[0]?.text ?? error?.message}`
}

async function prompted(text: string): Promise<void> {
  if (text === 'servers') return end(JSON.stringify({ servers, argv: process.argv, env: process.env }))
  const [server] = servers
  if (!text.startsWith('{') || !server) return end(text)
  const wish = JSON.parse(text) as Wish
  const toolCallId = `call-${Math.random()}`
  update({ sessionUpdate: 'tool_call', toolCallId, title: `mcp__${server.name}__${wish.tool}`, kind: 'other' })
  const answer = await called(server, wish).catch(async (error: unknown) => {
    // Agents that give up go on for a while.
    await new Promise((resolve) => setTimeout(resolve, 500))
    return `gone: ${String(error)}`
  })
  update({ sessionUpdate: 'tool_call_update', toolCallId, status: 'completed' })
  end(answer)
}

function asked(id: number | string, { method, params }: Message): void {
  switch (method) {
    case 'initialize': {
      const agentCapabilities = { mcpCapabilities: { http: way === 'http' }, sessionCapabilities: { resume: {} } }
      return send({
        id,
        result: { protocolVersion: 1, agentInfo: { name: 'asking', version: '1' }, agentCapabilities },
      })
    }
    case 'session/new':
      servers = params?.mcpServers ?? []
      return send({ id, result: { sessionId: 's1' } })
    case 'session/resume':
      servers = params?.mcpServers ?? []
      return send({ id, result: {} })
    case 'session/prompt':
      turn = id
      return void prompted(params?.prompt?.[0]?.text ?? '')
    default:
      return send({ id, error: { code: -32_601, message: 'Method not found' } })
  }
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const message = JSON.parse(line) as Message
  if (message.method === 'session/cancel') end('', 'cancelled')
  else if (message.id !== undefined) asked(message.id, message)
})
