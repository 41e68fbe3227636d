/**
 * The Script provider: an agent without a model, over the Agent Client Protocol on standard input and output.
 * It runs the fenced blocks of a message as tool calls. The format is in docs/script-provider.md.
 */
import { randomUUID } from 'node:crypto'
import { Readable, Writable } from 'node:stream'
import { agent, methods, ndJsonStream, PROTOCOL_VERSION, RequestError } from '@agentclientprotocol/sdk/unstable'
import { ScriptTurn } from './turn.ts'

const wordMs = Number(process.env['SCRIPT_WORD_MS'] ?? 12)
const sessions = new Map<string, { readonly cwd: string; running: AbortController | undefined }>()

const app = agent({ name: 'coppice-script' })
  .onRequest(methods.agent.initialize, () => ({
    protocolVersion: PROTOCOL_VERSION,
    agentInfo: { name: 'coppice-script', title: 'Script', version: '1' },
    agentCapabilities: { sessionCapabilities: { resume: {} } },
    authMethods: [],
  }))
  .onRequest(methods.agent.session.new, ({ params }) => {
    const sessionId = randomUUID()
    sessions.set(sessionId, { cwd: params.cwd, running: undefined })
    return { sessionId }
  })
  .onRequest(methods.agent.session.resume, ({ params }) => {
    // A script remembers nothing from one message to the next, so any session can be gone on with.
    sessions.set(params.sessionId, { cwd: params.cwd, running: undefined })
    return {}
  })
  .onRequest(methods.agent.session.prompt, async ({ params, client }) => {
    const session = sessions.get(params.sessionId)
    if (!session) throw RequestError.resourceNotFound(params.sessionId)
    if (session.running) throw RequestError.invalidParams(undefined, 'a turn is running already')
    session.running = new AbortController()
    try {
      // The first block is the message; those that follow tell of its files.
      const [text = '', ...attached] = params.prompt.map((block) => (block.type === 'text' ? block.text : ''))
      const whole = await new ScriptTurn(client, params.sessionId, session.cwd, session.running.signal, wordMs).run(
        text,
        attached.join('\n'),
      )
      // No model, so no tokens: said, not left open.
      return {
        stopReason: whole ? ('end_turn' as const) : ('cancelled' as const),
        usage: { inputTokens: 0, outputTokens: 0, totalTokens: 0 },
      }
    } finally {
      session.running = undefined
    }
  })
  .onNotification(methods.agent.session.cancel, ({ params }) => {
    sessions.get(params.sessionId)?.running?.abort()
  })

function stop(): void {
  for (const session of sessions.values()) session.running?.abort()
  // Long enough for the commands' groups to get their signals.
  setTimeout(() => process.exit(0), 100)
}
process.on('SIGTERM', stop)
process.on('SIGINT', stop)

const connection = app.connect(
  ndJsonStream(
    Writable.toWeb(process.stdout) as WritableStream<Uint8Array>,
    Readable.toWeb(process.stdin) as ReadableStream<Uint8Array>,
  ),
)
await connection.closed
stop()
