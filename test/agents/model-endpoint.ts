/**
 * A model endpoint on loopback for tests: OpenAI chat completions, streamed or not. It thinks nothing: the prompt carries
 * what the model shall do, as JSON between <script> and </script>, one step for each call of the model:
 *
 *   {"say": "text"}  {"think": "text", …}  {"write": {"path": "a.txt", "text": "x"}}  {"run": "ls"}  {"read": "a.txt"}
 *   {"plan": ["first", "second"]}  {"fail": 400, "message": "no"}  {"wait": 500, …}  {"hang": true}
 *
 * Without state: the step is the number of answers with tool calls since the message that carries the script.
 */
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

type ModelStep = {
  say?: string
  think?: string
  write?: { path: string; text: string }
  run?: string
  read?: string
  plan?: string[]
  fail?: number
  message?: string
  wait?: number
  hang?: boolean
}
type ChatMessage = { role: string; content?: unknown; tool_calls?: unknown[] }
type Tool = { function: { name: string; parameters?: { properties?: Record<string, unknown>; required?: string[] } } }
type ChatRequest = { model?: string; stream?: boolean; messages?: ChatMessage[]; tools?: Tool[] }
type Call = { name: string; args: Record<string, unknown> }

/** A running endpoint. `requests` are the bodies it was sent, oldest first. */
export type ModelEndpoint = { readonly url: string; readonly requests: readonly ChatRequest[]; close(): Promise<void> }

/** Starts an endpoint on a free port of the loopback interface. */
export async function startModelEndpoint(): Promise<ModelEndpoint> {
  const requests: ChatRequest[] = []
  const server = http.createServer((request, response) => {
    answer(request, response, requests).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500)
      response.end(String(error))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** OpenCode's configuration for the endpoint, as the value of OPENCODE_CONFIG_CONTENT. */
export function openCodeConfig(endpoint: ModelEndpoint): string {
  const model = { name: 'Test model', limit: { context: 100_000, output: 8_000 }, cost: { input: 1, output: 2 } }
  return JSON.stringify({
    model: 'test/test-1',
    small_model: 'test/test-1',
    enabled_providers: ['test'],
    provider: {
      test: {
        npm: '@ai-sdk/openai-compatible',
        name: 'Test',
        options: { baseURL: `${endpoint.url}/v1`, apiKey: 'test-key' },
        models: { 'test-1': model },
      },
    },
  })
}

async function answer(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  requests: ChatRequest[],
): Promise<void> {
  if (request.method !== 'POST' || !request.url?.endsWith('/chat/completions')) {
    response.writeHead(404).end()
    return
  }
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as ChatRequest
  requests.push(body)
  // Side requests (titles, summaries) offer no tools.
  const step = body.tools?.length ? currentStep(body.messages ?? []) : { say: 'Scripted session' }
  if (step.wait) await pause(step.wait)
  if (step.fail) {
    response
      .writeHead(step.fail, { 'content-type': 'application/json' })
      .end(JSON.stringify({ error: { message: step.message ?? 'scripted failure', type: 'scripted' } }))
    return
  }
  if (step.hang) return
  const call = callFor(step, body)
  if (body.stream) streamed(response, step, call, body)
  else whole(response, step, call, body)
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return ''
  return content
    .map((part: unknown) => (typeof part === 'object' && part !== null && 'text' in part ? String(part.text) : ''))
    .join('\n')
}

function currentStep(messages: readonly ChatMessage[]): ModelStep {
  for (let i = messages.length - 1; i >= 0; i -= 1) {
    if (messages[i]?.role !== 'user') continue
    const found = /<script>([\s\S]*?)<\/script>/.exec(textOf(messages[i]?.content))
    if (!found?.[1]) return { say: 'I do what the script in a prompt says, and there was none.' }
    const steps = JSON.parse(found[1]) as ModelStep[]
    const done = messages
      .slice(i + 1)
      .filter((message) => message.role === 'assistant' && message.tool_calls?.length).length
    return steps[done] ?? { say: 'Done.' }
  }
  return { say: 'Done.' }
}

function callFor(step: ModelStep, body: ChatRequest): Call | undefined {
  const system = textOf(body.messages?.find((message) => message.role === 'system')?.content)
  const folder = /(?:working directory|root folder):\s*(\/\S+)/i.exec(system)?.[1] ?? '/'
  const full = (file: string): string => path.resolve(folder, file)
  if (step.write) return toolCall(body, ['write'], { filePath: full(step.write.path), content: step.write.text })
  if (step.run) return toolCall(body, ['bash', 'shell'], { command: step.run })
  if (step.read) return toolCall(body, ['read'], { filePath: full(step.read) })
  if (step.plan)
    return toolCall(body, ['todowrite'], {
      todos: step.plan.map((content, i) => ({
        content,
        status: i === 0 ? 'in_progress' : 'pending',
        priority: 'medium',
        id: String(i),
      })),
    })
  return undefined
}

function toolCall(body: ChatRequest, names: readonly string[], args: Record<string, unknown>): Call {
  const tool = body.tools?.find((one) => names.includes(one.function.name))
  if (!tool) throw new Error(`No tool ${names.join(' or ')} was offered.`)
  const required = tool.function.parameters?.required ?? []
  const filled = Object.fromEntries(required.filter((name) => !(name in args)).map((name) => [name, 'scripted step']))
  return { name: tool.function.name, args: { ...filled, ...args } }
}

let serial = 0

function parts(
  step: ModelStep,
  call: Call | undefined,
): { content: string; toolCalls: Record<string, unknown>[]; finish: string; usage: Record<string, number> } {
  serial += 1
  const content = call ? '' : (step.say ?? 'Done.')
  const toolCalls = call
    ? [
        {
          index: 0,
          id: `call_${serial}`,
          type: 'function',
          function: { name: call.name, arguments: JSON.stringify(call.args) },
        },
      ]
    : []
  return {
    content,
    toolCalls,
    finish: call ? 'tool_calls' : 'stop',
    usage: { prompt_tokens: 1_000, completion_tokens: 50, total_tokens: 1_050 },
  }
}

function whole(response: http.ServerResponse, step: ModelStep, call: Call | undefined, body: ChatRequest): void {
  const { content, toolCalls, finish, usage } = parts(step, call)
  const message = {
    role: 'assistant',
    content: content || null,
    ...(toolCalls.length > 0 ? { tool_calls: toolCalls } : {}),
  }
  const answered = {
    id: `chat-${serial}`,
    object: 'chat.completion',
    created: 0,
    model: body.model ?? 'test-1',
    choices: [{ index: 0, message, finish_reason: finish }],
    usage,
  }
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answered))
}

function streamed(response: http.ServerResponse, step: ModelStep, call: Call | undefined, body: ChatRequest): void {
  const { content, toolCalls, finish, usage } = parts(step, call)
  const frame = { id: `chat-${serial}`, object: 'chat.completion.chunk', created: 0, model: body.model ?? 'test-1' }
  const send = (delta: Record<string, unknown>, reason: string | null = null): void => {
    response.write(`data: ${JSON.stringify({ ...frame, choices: [{ index: 0, delta, finish_reason: reason }] })}\n\n`)
  }
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
  send({ role: 'assistant', content: '' })
  for (const word of step.think?.match(/\S+\s*/g) ?? []) send({ reasoning_content: word })
  for (const word of content.match(/\S+\s*/g) ?? []) send({ content: word })
  for (const one of toolCalls) send({ tool_calls: [one] })
  send({}, finish)
  response.write(`data: ${JSON.stringify({ ...frame, choices: [], usage })}\n\n`)
  response.end('data: [DONE]\n\n')
}
