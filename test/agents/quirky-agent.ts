/**
 * An agent with one oddness of a real one, for tests: `node quirky-agent.ts <oddness>`. What it was asked it repeats in its
 * answer's words, so that a test sees what reached it.
 */
import { createInterface } from 'node:readline'

const odd = process.argv[2] ?? ''
type Id = number | string
type Params = {
  sessionId?: string
  prompt?: { text?: string }[]
  modelId?: string
  modeId?: string
  methodId?: string
  systemPrompt?: unknown
  _meta?: unknown
}
type Message = { id?: Id; method?: string; params?: Params; result?: unknown }

const told: string[] = []
let turn: { id: Id; canceled: boolean } | undefined
let signedIn = false
const waiting = new Map<Id, (result: unknown) => void>()

function send(message: Record<string, unknown>): void {
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
}

function update(fields: Record<string, unknown>): void {
  send({ method: 'session/update', params: { sessionId: 's1', update: fields } })
}

function say(text: string, more: Record<string, unknown> = {}): void {
  update({ sessionUpdate: 'agent_message_chunk', content: { type: 'text', text }, ...more })
}

function ask(toolCall: Record<string, unknown>): Promise<unknown> {
  const id = `ask-${waiting.size}`
  const options = [
    { optionId: 'yes', name: 'Yes', kind: 'allow_once' },
    { optionId: 'no', name: 'No', kind: 'reject_once' },
  ]
  send({ id, method: 'session/request_permission', params: { sessionId: 's1', toolCall, options } })
  return new Promise((resolve) => waiting.set(id, resolve))
}

function end(result: Record<string, unknown> = {}): void {
  if (!turn) return
  send({ id: turn.id, result: { stopReason: turn.canceled ? 'cancelled' : 'end_turn', ...result } })
  turn = undefined
}

function fail(id: Id, code: number, message: string, data?: unknown): void {
  send({ id, error: { code, message, ...(data === undefined ? {} : { data }) } })
}

const turns: Record<string, (text: string) => void | Promise<void>> = {
  'permission-first': async () => {
    const answer = await ask({
      toolCallId: 't1',
      title: 'Writing to a.txt',
      kind: 'edit',
      locations: [{ path: 'a.txt' }],
    })
    update({ sessionUpdate: 'tool_call_update', toolCallId: 't1', status: 'completed' })
    say(JSON.stringify(answer))
    end()
  },
  'updates-first': () => {
    update({ sessionUpdate: 'tool_call_update', toolCallId: 't1', status: 'in_progress', rawInput: { command: 'ls' } })
    update({ sessionUpdate: 'tool_call', toolCallId: 't1', title: 'ls', kind: 'execute' })
    update({ sessionUpdate: 'tool_call_update', toolCallId: 't1', status: 'completed', rawOutput: { exit_code: 0 } })
    update({
      sessionUpdate: 'tool_call_update',
      toolCallId: 't1',
      status: 'completed',
      content: [{ type: 'content', content: { type: 'text', text: 'a second result' } }],
    })
    update({ sessionUpdate: 'something_of_tomorrow', payload: [1, 2] })
    process.stdout.write('{"jsonrpc": "2.0", "method": "session/upd\n')
    say('still here')
    end()
  },
  'usage-per-call': () => {
    for (const usage of [
      { inputTokens: 100, outputTokens: 10, cachedReadTokens: 5 },
      { inputTokens: 200, outputTokens: 20 },
    ])
      say('', { _meta: { usage } })
    end()
  },
  quota: () => end({ _meta: { quota: { token_count: { input_tokens: 70, output_tokens: 7 } } } }),
  'usage-update': () => {
    update({ sessionUpdate: 'usage_update', used: 900, size: 1000, cost: { amount: 0.5, currency: 'USD' } })
    end({ usage: { inputTokens: 800, outputTokens: 100, totalTokens: 900, cachedReadTokens: 50 } })
  },
  'system-error': () => {
    update({ sessionUpdate: 'session_info_update', _meta: { codex: { threadStatus: { type: 'systemError' } } } })
    say('{"error":{"message":"stream disconnected before completion"}}')
    end()
  },
  'rejected-is-cancelled': async () => {
    await ask({ toolCallId: 't1', title: 'rm', kind: 'execute', rawInput: { command: 'rm x' } })
    end({ stopReason: 'cancelled' })
  },
  'never-asks-again': async () => {
    const answer = await ask({ toolCallId: 't1', title: 'x', kind: 'execute' })
    say(JSON.stringify(answer))
    end()
  },
  'limited-once': (text) => {
    if (text.startsWith('Please continue')) {
      say(`went on: ${text}`)
      return end()
    }
    return turnFails(-32_603, 'Internal error', {
      details: 'enough for now',
      kind: 'rate_limited',
      retryAfterMs: 1_500,
    })
  },
  'limited-long': () => turnFails(-32_603, 'enough for today', { kind: 'rate_limited', retryAfterMs: 3_600_000 }),
  'rate-limited': () => turnFails(-32_603, 'Internal error', { details: '429 Too Many Requests: rate limit reached' }),
  'endpoint-words': () =>
    turnFails(400, '{"error":{"code":400,"message":"Please pass a valid API key. Unauthorized."}}'),
  'too-long': () => turnFails(-32_603, 'Internal error: prompt is too long: 210000 tokens > 200000 maximum'),
  'other-error': () => turnFails(-32_603, 'Internal error', { details: 'the moon is in the wrong house' }),
}

function turnFails(code: number, message: string, data?: unknown): void {
  if (turn) fail(turn.id, code, message, data)
  turn = undefined
}

function prompted(id: Id, text: string): void {
  if (turn && odd === 'second-prompt-steers') {
    say(`steered: ${text}`)
    end()
    send({ id, result: { stopReason: 'end_turn' } })
    return
  }
  if (turn) {
    turn.canceled = true
    end()
  }
  turn = { id, canceled: false }
  const special = turns[odd]
  if (special) void special(text)
  else if (text === 'stay') say('working ')
  else {
    say(`${told.join(' ')} ${text}`.trim())
    end()
  }
}

const session = (): Record<string, unknown> => ({
  ...(odd === 'old-models' || odd === 'old-models-only'
    ? {
        models: {
          currentModelId: 'old-1',
          availableModels: [
            { modelId: 'old-1', name: 'Old 1' },
            { modelId: 'old-2', name: 'Old 2' },
          ],
        },
      }
    : {}),
  ...(odd === 'begins-in-auto'
    ? {
        modes: {
          currentModeId: 'auto',
          availableModes: [
            { id: 'auto', name: 'Auto' },
            { id: 'default', name: 'Default' },
          ],
        },
      }
    : {}),
})

function noteMeta({ _meta: meta }: Params): void {
  if (meta) told.push(JSON.stringify(meta))
}

function asked(id: Id, method: string, params: Params): void {
  switch (method) {
    case 'initialize':
      return send({
        id,
        result: {
          protocolVersion: 1,
          agentInfo: { name: 'quirky', version: '3.2.1' },
          agentCapabilities: {
            loadSession: odd.startsWith('resume'),
            sessionCapabilities: {
              ...(odd.startsWith('resume') ? { resume: {} } : {}),
              ...(odd === 'system-prompt' ? { systemPrompt: {} } : {}),
            },
          },
          authMethods: odd.startsWith('signed-out') ? [{ id: 'with-key', name: 'Key' }] : [],
          ...(odd === 'steers' ? { _meta: { steering: { supported: true } } } : {}),
        },
      })
    case 'authenticate':
      told.push(`signed in ${params.methodId}`)
      signedIn = true
      return send({ id, result: {} })
    case 'session/new':
      if (odd.startsWith('signed-out') && !signedIn) return fail(id, -32_000, 'Authentication required')
      noteMeta(params)
      if (params.systemPrompt) told.push(JSON.stringify(params.systemPrompt))
      return send({ id, result: { sessionId: 's1', ...session() } })
    case 'session/load':
      if (odd === 'resume-lost') return fail(id, -32_002, 'Resource not found')
      told.push('loaded')
      return send({ id, result: {} })
    case 'session/set_model':
      told.push(`model ${params.modelId}`)
      return send({ id, result: {} })
    case 'session/set_mode':
      told.push(`mode ${params.modeId}`)
      return send({ id, result: {} })
    case '_session/steering':
      if (odd !== 'steers') return fail(id, -32_601, 'Method not found')
      say(`steered: ${params.prompt?.[0]?.text}`)
      send({ id, result: { outcome: 'injected' } })
      return end()
    case 'session/prompt':
      return prompted(id, params.prompt?.[0]?.text ?? '')
    default:
      return fail(id, -32_601, 'Method not found')
  }
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const message = JSON.parse(line) as Message
  if (message.id !== undefined && message.method === undefined) waiting.get(message.id)?.(message.result)
  else if (message.method === 'session/cancel' && turn) {
    turn.canceled = true
    // With a question open, this one waits for its answer before it ends.
    if (odd !== 'never-asks-again') end()
  } else if (message.id !== undefined && message.method !== undefined)
    asked(message.id, message.method, message.params ?? {})
})
