/**
 * An agent that does harm when a prompt says so, and works otherwise: for tests of whole sessions. What it does stands in the
 * prompt (`do:flood`), but for what has to happen before there is one (HOSTILE_FILE names a file with it: `start` or `session`).
 *
 *   die:start, die:session     is killed before it answers, once (the file is emptied)
 *   die:message, die:tool, die:asking, die:idle   is killed in mid-message, in mid-step, while a person is asked, after its turn
 *   flood                      says 50 MB, and prints as much in a step
 *   broken                     sends what is no JSON, half a message, unknown updates, and errors that nobody asked for
 *   deaf                       works for ever, and answers neither cancel nor SIGTERM
 *   stray                      leaves a child behind that has a session of its own
 */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

type Request = { id?: number | string; method?: string; params?: { prompt?: { text?: string }[] } }

const file = process.env['HOSTILE_FILE'] ?? ''
const send = (message: object): boolean => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
const update = (one: object): boolean => send({ method: 'session/update', params: { sessionId: 's1', update: one } })
const say = (text: string): boolean => update({ sessionUpdate: 'agent_message_chunk', content: { type: 'text', text } })
const die = (): void => void process.kill(process.pid, 'SIGKILL')
const drained = (): Promise<unknown> => new Promise((resolve) => process.stdout.once('drain', resolve))
const step = {
  sessionUpdate: 'tool_call',
  toolCallId: 't1',
  title: 'sleep',
  kind: 'execute',
  rawInput: { command: 'sleep 1' },
}

function diesAt(stage: string): void {
  if (!existsSync(file) || readFileSync(file, 'utf8').trim() !== stage) return
  writeFileSync(file, '')
  die()
}

async function flood(): Promise<void> {
  const piece = `${'All work and no play. '.repeat(2_400)}\n`
  for (let sent = 0; sent < 50_000_000; sent += piece.length) if (!say(piece)) await drained()
  let output = ''
  for (let sent = 0; sent < 6; sent += 1) {
    output += 'x'.repeat(2_000_000)
    const content = [{ type: 'content', content: { type: 'text', text: output } }]
    const more = { sessionUpdate: 'tool_call_update', toolCallId: 't1', status: 'in_progress', content }
    if (!update(sent === 0 ? { ...step, content } : more)) await drained()
  }
  update({ sessionUpdate: 'tool_call_update', toolCallId: 't1', status: 'completed' })
}

function broken(): void {
  process.stdout.write('{"jsonrpc":"2.0","method":"session/upd\n{]\nnot a message\n\u0000\u0001\n')
  update({ sessionUpdate: 'telepathy', thought: [1, { deep: null }] })
  update({ sessionUpdate: 'tool_call_update', toolCallId: 'never-begun', status: 'completed' })
  update({ ...step, status: 'completed' })
  update({ sessionUpdate: 'tool_call_update', toolCallId: 't1', status: 'failed' })
  send({ id: 'nobody-asked', error: { code: 1, message: 'x' } })
  send({ id: 99, method: 'fs/write_text_file', params: { path: '/etc/passwd', content: 'x' } })
  send({ method: 'session/update', params: { sessionId: 'another session', update: { sessionUpdate: 'plan' } } })
  send({ method: 'session/update', params: 'no object' })
}

async function prompted(id: number | string, text: string): Promise<void> {
  const wants = (what: string): boolean => text.includes(`do:${what}`)
  if (wants('deaf')) return writeFileSync(file, 'deaf')
  say('I begin. ')
  if (wants('die:message')) return void setTimeout(die, 150)
  if (wants('die:tool') || wants('die:asking')) {
    update({ ...step, status: 'in_progress' })
    if (wants('die:asking')) {
      const options = [{ optionId: 'a', name: 'Allow', kind: 'allow_once' }]
      send({ id: 7, method: 'session/request_permission', params: { sessionId: 's1', toolCall: step, options } })
    }
    return void setTimeout(die, 600)
  }
  if (wants('flood')) await flood()
  if (wants('broken')) broken()
  if (wants('stray')) {
    const child = spawn('sleep', ['987'], { stdio: 'ignore', detached: true })
    say(`stray ${child.pid}. `)
  }
  say('I end.')
  send({ id, result: { stopReason: 'end_turn' } })
  if (wants('die:idle')) setTimeout(die, 100)
}

/** The message itself stands last: what was said before may stand above it. */
const lastLine = (params: Request['params']): string =>
  params?.prompt
    ?.map(({ text }) => text ?? '')
    .at(-1)
    ?.trimEnd()
    .split('\n')
    .at(-1) ?? ''

process.on('SIGTERM', () => undefined)
createInterface({ input: process.stdin })
  .on('line', (line) => {
    const { id, method, params } = JSON.parse(line) as Request
    if (id === undefined || method === undefined) return
    if (method === 'initialize') {
      diesAt('start')
      send({ id, result: { protocolVersion: 1, agentCapabilities: {}, authMethods: [] } })
    } else if (method === 'session/new') {
      diesAt('session')
      send({ id, result: { sessionId: 's1' } })
    } else if (method === 'session/prompt') void prompted(id, lastLine(params))
    else send({ id, error: { code: -32601, message: 'Method not found' } })
  })
  .on('close', () => process.exit(0))
