import { spawn } from 'node:child_process'
import type { ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { Readable, Writable } from 'node:stream'
import { client, methods, ndJsonStream, PROTOCOL_VERSION } from '@agentclientprotocol/sdk/unstable'
import type {
  ClientConnection,
  McpServer,
  PromptResponse,
  RequestPermissionRequest,
  SessionUpdate,
} from '@agentclientprotocol/sdk/unstable'

const CODE = new URL('../../apps/agent/src/main.ts', import.meta.url).pathname
type Answer = 'once' | 'always' | 'reject'

/** Coppice Code as a process of its own, driven over its protocol, with nothing of the runner between. */
export class Driver {
  readonly process: ChildProcessByStdio<Writable, Readable, null>
  readonly connection: ClientConnection
  readonly updates: SessionUpdate[] = []
  readonly asked: RequestPermissionRequest[] = []
  /** Answers what is asked; without one, questions stay open. */
  answer: ((request: RequestPermissionRequest) => Answer | Promise<Answer>) | undefined = () => 'once'
  sessionId = ''

  private constructor(env: Readonly<Record<string, string>>) {
    this.process = spawn(process.execPath, [CODE], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { PATH: process.env['PATH'] ?? '', HOME: '/nowhere', ...env },
    })
    const stream = ndJsonStream(
      Writable.toWeb(this.process.stdin) as WritableStream<Uint8Array>,
      Readable.toWeb(this.process.stdout) as ReadableStream<Uint8Array>,
    )
    this.connection = client({ name: 'driver' })
      .onRequest(methods.client.session.requestPermission, async ({ params }) => {
        this.asked.push(params)
        if (!this.answer) return new Promise(() => undefined)
        return { outcome: { outcome: 'selected' as const, optionId: await this.answer(params) } }
      })
      .onNotification(methods.client.session.update, ({ params }) => void this.updates.push(params.update))
      .connect(stream)
  }

  static async start(env: Readonly<Record<string, string>>): Promise<Driver> {
    const driver = new Driver(env)
    await driver.connection.agent.request(methods.agent.initialize, {
      protocolVersion: PROTOCOL_VERSION,
      clientCapabilities: {},
    })
    return driver
  }

  async open(cwd: string, mcpServers: McpServer[] = []): Promise<void> {
    const { sessionId } = await this.connection.agent.request(methods.agent.session.new, { cwd, mcpServers })
    this.sessionId = sessionId
  }

  async resume(cwd: string): Promise<void> {
    await this.connection.agent.request(methods.agent.session.resume, {
      sessionId: this.sessionId,
      cwd,
      mcpServers: [],
    })
  }

  async load(cwd: string): Promise<void> {
    await this.connection.agent.request(methods.agent.session.load, { sessionId: this.sessionId, cwd, mcpServers: [] })
  }

  /** Goes on in a copy of the session. */
  async fork(cwd: string): Promise<void> {
    const { sessionId } = this
    const forked = await this.connection.agent.request(methods.agent.session.fork, { sessionId, cwd, mcpServers: [] })
    this.sessionId = forked.sessionId
  }

  setMode(modeId: string): Promise<unknown> {
    return this.connection.agent.request(methods.agent.session.setMode, { sessionId: this.sessionId, modeId })
  }

  setModel(value: string): Promise<unknown> {
    const set = { sessionId: this.sessionId, configId: 'model', value }
    return this.connection.agent.request(methods.agent.session.setConfigOption, set)
  }

  async prompt(text: string): Promise<PromptResponse> {
    const prompt = [{ type: 'text' as const, text }]
    return this.connection.agent.request(methods.agent.session.prompt, { sessionId: this.sessionId, prompt })
  }

  steer(text: string): Promise<{ outcome: string }> {
    const prompt = [{ type: 'text' as const, text }]
    return this.connection.agent.request('_session/steering', { sessionId: this.sessionId, prompt })
  }

  cancel(): Promise<void> {
    return this.connection.agent.notify(methods.agent.session.cancel, { sessionId: this.sessionId })
  }

  /** What was said, or thought. */
  said(kind: 'agent_message_chunk' | 'agent_thought_chunk' | 'user_message_chunk' = 'agent_message_chunk'): string {
    return this.updates
      .map((one) => (one.sessionUpdate === kind && one.content.type === 'text' ? one.content.text : ''))
      .join('')
  }

  /** Each tool call as it was last told: title, status, and the text that people see. */
  calls(): { title: string; status: string; text: string }[] {
    const calls = new Map<string, { title: string; status: string; text: string }>()
    for (const one of this.updates) {
      if (one.sessionUpdate !== 'tool_call' && one.sessionUpdate !== 'tool_call_update') continue
      const known = calls.get(one.toolCallId) ?? { title: '', status: '', text: '' }
      const text = (one.content ?? []).map((part) =>
        part.type === 'content' && part.content.type === 'text' ? part.content.text : '',
      )
      calls.set(one.toolCallId, {
        title: one.title ?? known.title,
        status: one.status ?? known.status,
        text: text.join('') || known.text,
      })
    }
    return [...calls.values()]
  }

  async close(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return
    const gone = once(this.process, 'exit')
    this.process.kill(signal)
    await gone
  }
}
