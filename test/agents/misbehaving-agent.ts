/**
 * An agent that does wrong, for tests: `node misbehaving-agent.ts <how>`.
 *
 *   exits          ends at once, with words on standard error
 *   garbage        prints a flood of text that is no protocol
 *   silent         never answers
 *   deaf           answers, works on its turn for ever, and ignores cancel and SIGTERM
 *   dies           answers, and ends in the middle of its turn
 *   leaves         starts a child that makes a session of its own, writes its pid to $CHILD_PID_FILE, and ends its turn
 *   banner         prints a few lines first, then behaves
 *   secret         says the value of $FAKE_API_KEY, in two pieces
 */
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

const how = process.argv[2] ?? 'exits'
type Request = { id?: number | string; method?: string; params?: { sessionId?: string } }

function send(message: Record<string, unknown>): void {
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
}

function say(sessionId: string, text: string): void {
  send({
    method: 'session/update',
    params: { sessionId, update: { sessionUpdate: 'agent_message_chunk', content: { type: 'text', text } } },
  })
}

function startStray(): void {
  const child = spawn('sleep', ['300'], { stdio: 'ignore', detached: true })
  child.unref()
  const file = process.env['CHILD_PID_FILE']
  if (file) writeFileSync(file, String(child.pid))
}

function prompted(id: number | string, sessionId: string): void {
  say(sessionId, 'working ')
  if (how === 'deaf') return
  if (how === 'dies') {
    setTimeout(() => process.exit(7), 50)
    return
  }
  if (how === 'leaves') startStray()
  if (how === 'secret') {
    const secret = process.env['FAKE_API_KEY'] ?? ''
    say(sessionId, `the key is ${secret.slice(0, 5)}`)
    say(sessionId, `${secret.slice(5)} indeed`)
  }
  send({ id, result: { stopReason: 'end_turn' } })
}

function serve(): void {
  createInterface({ input: process.stdin }).on('line', (line) => {
    const { id, method, params } = JSON.parse(line) as Request
    if (id === undefined) return
    if (method === 'initialize') send({ id, result: { protocolVersion: 1, agentCapabilities: {}, authMethods: [] } })
    else if (method === 'session/new') send({ id, result: { sessionId: 's1' } })
    else if (method === 'session/prompt') prompted(id, params?.sessionId ?? 's1')
    else send({ id, error: { code: -32601, message: 'Method not found' } })
  })
}

switch (how) {
  case 'exits':
    console.error('cannot find my configuration')
    process.exit(3)
    break
  case 'garbage':
    for (let i = 0; i < 200; i += 1) console.log(`Welcome to the wrong mode, line ${i}`)
    setInterval(() => undefined, 1_000)
    break
  case 'silent':
    setInterval(() => undefined, 1_000)
    break
  case 'deaf':
    process.on('SIGTERM', () => undefined)
    setInterval(() => undefined, 1_000)
    serve()
    break
  case 'banner':
    console.log('Welcome!\n\nChecking for updates … none.')
    serve()
    break
  default:
    serve()
}
