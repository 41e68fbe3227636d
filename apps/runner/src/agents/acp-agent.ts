import { Readable, Writable } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { client, methods, ndJsonStream, PROTOCOL_VERSION, RequestError } from '@agentclientprotocol/sdk/unstable'
import type {
  AgentCapabilities,
  ClientConnection,
  McpServer,
  InitializeResponse,
  PromptCapabilities,
  PromptResponse,
  SessionNotification,
} from '@agentclientprotocol/sdk/unstable'
import { z } from 'zod'
import { AgentProcess } from './agent-process.ts'
import type { Launch, ProcessExit } from './agent-process.ts'
import { AgentFailure } from './failure.ts'
import type { AgentListener, PermissionAnswer, ReportedUsage, TurnEnd } from './happenings.ts'
import { OutputWatch } from './output-watch.ts'
import { promptBlocks, type PromptFile } from './prompt-blocks.ts'
import { outcomeOf } from './permission-outcome.ts'
import { planInTool, planOf } from './plan.ts'
import type { ProviderState } from './provider.ts'
import type { Quirks } from './recipe.ts'
import { AgentModes, type AgentMode } from './agent-modes.ts'
import { openSession } from './open-session.ts'
import { failsBeside, isSteerable } from './marks.ts'
import { failureOfError, failureOfWords } from './trouble.ts'
import { ToolCalls } from './tool-calls.ts'
import { addUsage, mergeUsage, usageInAnswer, usageInUpdate } from './usage.ts'

/** How long an agent may take before it counts as not answering, ms. */
export type AgentTimeouts = { readonly start: number; readonly session: number; readonly cancel: number }
export const agentTimeouts: AgentTimeouts = { start: 30_000, session: 60_000, cancel: 5_000 }

/** What is needed to open an agent. */
export type OpenAgent = {
  readonly launch: Launch
  readonly quirks?: Quirks
  readonly runId: string
  readonly cwd: string
  /** The runner's data folder: a mark on the process, so that a later runner can end what this one left. */
  readonly home: string
  readonly model: string
  /** The agent's own session to go on with, if there was one. */
  readonly resume?: string
  /** Rather no agent than one that does not remember that session. */
  readonly mustResume?: boolean
  /** What that session had cost already, USD: agents report the sum. */
  readonly spentUsd?: number
  /** The servers whose tools it may use, by what it takes. */
  readonly mcpServers?: (capabilities: AgentCapabilities | undefined) => McpServer[]
  /** What it is told beside messages, where it takes that with its session. */
  readonly instructions?: string
  readonly timeouts?: AgentTimeouts
  /** Told of the commands that it takes, whenever it says them. */
  readonly offers?: (commands: readonly { readonly name: string; readonly description: string }[]) => void
  /** Takes secrets out of what it printed, before that is cut to a length. */
  readonly redact?: (text: string) => string
  /** Gives up on an agent that is still starting. */
  readonly signal?: AbortSignal
}

/** An agent behind the Agent Client Protocol (v1), working in one folder. What it does is told to one listener. */
export class AcpAgent {
  readonly process: AgentProcess
  /** Its version, as it says. */
  version = ''
  /** The models that it offers. */
  models: ProviderState['models'] = []
  sessionId = ''
  /** Whether it remembers the conversation so far. */
  resumed = false
  /** Whether its instructions are part of its system prompt. */
  bySystemPrompt = false
  /** Whether a later process of it can go on with this conversation, as it says. */
  canResume = false
  readonly #connection: ClientConnection
  readonly #watch: OutputWatch
  readonly #timeouts: AgentTimeouts
  readonly #quirks: Quirks
  readonly #offers: OpenAgent['offers']
  readonly #redact: (text: string) => string
  readonly #calls = new ToolCalls()
  #modes: AgentModes | undefined
  /** Answers that people still owe; on a stop each is `cancelled`, or later prompts hang. */
  readonly #pending = new Set<(answer: PermissionAnswer) => void>()
  /** What it takes in a prompt beside text. */
  #takes: PromptCapabilities | undefined
  #listener: AgentListener | undefined
  #usage: ReportedUsage = {}
  /** Cost of the agent's session so far, USD, as it last said. */
  spentUsd = 0
  #spentBefore = 0
  #stopping = false
  #rejected = false
  /** Why the model failed, where the agent only says it beside its words. */
  #failedBeside: string | undefined
  #steerable = false
  #parts = { channel: '', n: 0 }

  private constructor(process: AgentProcess, timeouts: AgentTimeouts, { quirks, offers, redact }: OpenAgent) {
    this.#offers = offers
    this.#redact = redact ?? ((text) => text)
    this.process = process
    this.#quirks = quirks ?? {}
    this.#timeouts = timeouts
    this.#watch = new OutputWatch(process.stdout, this.#redact)
    // The casts bridge two declarations of the same web streams: node's and the SDK's.
    const stream = ndJsonStream(
      Writable.toWeb(process.stdin) as WritableStream<Uint8Array>,
      Readable.toWeb(this.#watch.lines) as ReadableStream<Uint8Array>,
    )
    this.#connection = client({ name: 'coppice' })
      .onRequest(methods.client.session.requestPermission, async ({ params }) => {
        const call = this.#calls.upsert(params.toolCall)
        const answer = await this.#ask(call)
        if (answer === 'reject') this.#rejected = true
        return outcomeOf(answer, params.options)
      })
      .onRequest('_coppice/model_call', z.object({ sessionId: z.string() }), async () => ({
        go: this.#stopping ? false : ((await this.#listener?.mayCallModel?.()) ?? true),
      }))
      .onNotification(methods.client.session.update, ({ params }) => this.#updated(params))
      .connect(stream)
  }

  /**
   * Starts an agent and opens a session in it: goes on with an earlier one where the agent can, else begins anew.
   * @throws {AgentFailure} and leaves no process behind.
   */
  static async open(options: OpenAgent): Promise<AcpAgent> {
    const timeouts = options.timeouts ?? agentTimeouts
    const process = await AgentProcess.start(options.launch, options)
    const agent = new AcpAgent(process, timeouts, options)
    const giveUp = (): void => void process.end()
    options.signal?.addEventListener('abort', giveUp, { once: true })
    if (options.signal?.aborted) giveUp()
    try {
      const capabilities = await agent.#initialize()
      agent.#takes = capabilities.agentCapabilities?.promptCapabilities
      const opened = await openSession(
        agent.#connection,
        options,
        capabilities,
        timeouts.session,
        (what, within, asked) => agent.#orFailure(what, within, asked),
      )
      agent.sessionId = opened.sessionId
      agent.resumed = opened.resumed
      agent.canResume = opened.canResume
      agent.bySystemPrompt = opened.bySystemPrompt
      agent.models = opened.choices.models
      agent.#modes = new AgentModes(opened.choices, opened.sessionId, options.quirks ?? {})
      if (opened.resumed) agent.spentUsd = options.spentUsd ?? 0
      return agent
    } catch (error) {
      await agent.close()
      throw error
    } finally {
      options.signal?.removeEventListener('abort', giveUp)
    }
  }

  async #initialize(): Promise<InitializeResponse> {
    const answer = await this.#orFailure(
      'initialize',
      this.#timeouts.start,
      this.#connection.agent.request(methods.agent.initialize, {
        protocolVersion: PROTOCOL_VERSION,
        clientInfo: { name: 'coppice', title: 'Coppice', version: '0.1.0' },
        // Neither files nor terminals are offered: agents use them in part only, and the runner reads git instead.
        // An agent of ours asks before it calls its model: a budget may hold it there.
        clientCapabilities: { _meta: { coppice: { modelCalls: true } } },
      }),
    )
    this.#watch.accept()
    if (answer.protocolVersion !== PROTOCOL_VERSION) {
      throw new AgentFailure(
        'refused',
        `The agent speaks version ${answer.protocolVersion} of the Agent Client Protocol, Coppice version ${PROTOCOL_VERSION}. Update the agent.`,
      )
    }
    this.version = answer.agentInfo?.version ?? ''
    const { _meta: meta } = answer
    const { _meta: inner } = answer.agentCapabilities ?? {}
    this.#steerable = isSteerable(meta) || isSteerable(inner)
    return answer
  }

  /** From now on it works as usual, makes a plan, or asks before all. @returns false where it has no such mode. @throws {AgentFailure} */
  async enterMode(wanted: AgentMode): Promise<boolean> {
    return (
      (await this.#modes?.enter(wanted, ({ method, params }) =>
        this.#orFailure('mode', this.#timeouts.session, this.#connection.agent.request(method, params)),
      )) ?? false
    )
  }

  /** Delivers a prompt, with files, and waits for the end of the turn. @throws {AgentFailure} */
  async prompt(text: string, listener: AgentListener, files: readonly PromptFile[] = []): Promise<TurnEnd> {
    this.#listener = listener
    this.#usage = {}
    this.#spentBefore = this.spentUsd
    this.#stopping = false
    this.#rejected = false
    this.#failedBeside = undefined
    this.#calls.clear()
    this.#parts = { channel: '', n: 0 }
    try {
      const prompt = await promptBlocks(text, files, this.#takes)
      const answer = await this.#orFailure(
        'prompt',
        0,
        this.#connection.agent.request(methods.agent.session.prompt, {
          sessionId: this.sessionId,
          prompt,
        }),
      )
      if (this.#failedBeside !== undefined && !this.#stopping) throw failureOfWords(this.#failedBeside)
      return { reason: this.#reason(answer), usage: mergeUsage(this.#usage, usageInAnswer(answer)) }
    } finally {
      this.#cancelPending()
      this.#listener = undefined
    }
  }

  #reason({ stopReason }: PromptResponse): TurnEnd['reason'] {
    if (this.#stopping) return 'stopped'
    // Some end a turn as cancelled when a person rejected a step in it; nobody stopped it.
    if (stopReason === 'cancelled') return this.#rejected ? 'completed' : 'stopped'
    if (stopReason === 'max_tokens' || stopReason === 'max_turn_requests') return 'limit'
    return stopReason === 'refusal' ? 'refused' : 'completed'
  }

  /**
   * Says something into the turn that is going on, in the way the agent has for it.
   * @returns whether it was taken; if not, it waits for the end of the turn. Never a prompt that would cancel the turn.
   */
  async steer(text: string): Promise<boolean> {
    if (!this.#listener || this.#stopping) return false
    const said = { sessionId: this.sessionId, prompt: [{ type: 'text' as const, text }] }
    if (this.#steerable) {
      const wanted = { ...said, _meta: { steering: { idleBehavior: 'promptRequired' } } }
      const answer = await this.#orFailure(
        'steering',
        this.#timeouts.session,
        this.#connection.agent.request<{ outcome?: string }>('_session/steering', wanted),
      )
      return answer.outcome === 'injected'
    }
    if (!this.#quirks.secondPromptSteers) return false
    // It is answered when the turn is; how that ended is told by the first prompt.
    this.#connection.agent.request(methods.agent.session.prompt, said).catch(connectionGone)
    return true
  }

  /** Tool calls that had not ended when the turn did. */
  openCalls(): readonly { readonly callId: string }[] {
    return this.#calls.open()
  }

  /** Asks the agent to stop the turn. The turn ends through {@link prompt}. */
  async cancel(): Promise<void> {
    this.#stopping = true
    await this.#connection.agent
      .notify(methods.agent.session.cancel, { sessionId: this.sessionId })
      .catch(connectionGone)
    this.#cancelPending()
  }

  /** Ends the agent and everything it started. */
  async close(): Promise<ProcessExit> {
    const exit = await this.process.end()
    this.#cancelPending()
    this.#connection.close()
    return exit
  }

  #ask(call: ReturnType<ToolCalls['upsert']>): Promise<PermissionAnswer> {
    const listener = this.#listener
    if (!listener || this.#stopping) return Promise.resolve('cancelled')
    return new Promise((resolve, reject) => {
      const settle = (answer: PermissionAnswer): void => {
        this.#pending.delete(settle)
        resolve(answer)
      }
      this.#pending.add(settle)
      listener.permission({ call }).then(settle, reject)
    })
  }

  #cancelPending(): void {
    for (const settle of this.#pending) settle('cancelled')
  }

  #updated({ update }: SessionNotification): void {
    if (update.sessionUpdate === 'available_commands_update') this.#offers?.(update.availableCommands)
    const listener = this.#listener
    // Outside a turn: history replayed by session/load, or words after the end.
    if (!listener) return
    if (failsBeside(update)) this.#failedBeside ??= ''
    const usage = usageInUpdate(update)
    if (usage) {
      this.spentUsd = usage.usd ?? this.spentUsd
      const turnUsd = usage.usd === undefined ? {} : { usd: Math.max(0, usage.usd - this.#spentBefore) }
      this.#usage = addUsage(this.#usage, { ...usage, ...turnUsd })
      listener.happened({ kind: 'usage', usage: this.#usage })
    }
    if (update.sessionUpdate === 'agent_message_chunk' || update.sessionUpdate === 'agent_thought_chunk') {
      if (update.content.type !== 'text' || update.content.text === '') return
      if (this.#failedBeside !== undefined) this.#failedBeside += update.content.text
      const channel = update.sessionUpdate === 'agent_message_chunk' ? 'agent' : 'thinking'
      listener.happened({ kind: 'text', channel, messageKey: this.#partKey(channel), text: update.content.text })
    } else if (update.sessionUpdate === 'tool_call' || update.sessionUpdate === 'tool_call_update') {
      this.#parts = { channel: '', n: this.#parts.n }
      listener.happened({ kind: 'tool', call: this.#calls.upsert(update) })
      const plan = planInTool(update)
      if (plan) listener.happened(plan)
    } else if (update.sessionUpdate === 'plan') listener.happened(planOf(update.entries))
  }

  /** A message is what the agent says between two other things, whatever ids it gives: some give one id to a whole turn. */
  #partKey(channel: string): string {
    if (this.#parts.channel !== channel) this.#parts = { channel, n: this.#parts.n + 1 }
    return `${channel}-${this.#parts.n}`
  }

  /** The answer to a request, or a clear failure: it exited, printed something else, never answered, or refused. */
  async #orFailure<T>(what: string, withinMs: number, request: Promise<T>): Promise<T> {
    const stop = new AbortController()
    const timeout = new Promise<never>((_resolve, reject) => {
      if (withinMs === 0) return
      const timer = setTimeout(
        () =>
          reject(
            new AgentFailure(
              'start_timeout',
              `The agent did not answer "${what}" within ${withinMs / 1000} s.${this.#heard()}`,
            ),
          ),
        withinMs,
      )
      stop.signal.addEventListener('abort', () => clearTimeout(timer))
    })
    const exit = this.process.exited.then(async ({ exitCode, signal }) => {
      // Its last words may still be in the pipe.
      await new Promise((resolve) => setTimeout(resolve, 50))
      throw new AgentFailure('exited', `The agent ended by itself (${signal ?? `code ${exitCode}`}).${this.#heard()}`)
    })
    const refused = request.catch(async (error: unknown) => {
      if (error instanceof RequestError) throw failureOfError(what, error)
      // A closed connection: the exit says more, if there is one.
      await new Promise((resolve) => setTimeout(resolve, 200))
      throw new AgentFailure(
        'exited',
        `The connection to the agent broke: ${error instanceof Error ? error.message : String(error)}.${this.#heard()}`,
      )
    })
    try {
      // The race listens to all of them: one that fails later is no unhandled rejection.
      return await Promise.race([refused, exit, timeout, this.#watch.garbage])
    } finally {
      stop.abort()
    }
  }

  #heard(): string {
    // Colours are for terminals.
    const words = this.#redact(stripVTControlCharacters(this.process.stderr || this.#watch.lastGarbage))
    return words ? ` It said: ${words.slice(-1_000)}` : ''
  }
}

function connectionGone(error: unknown): void {
  if (!(error instanceof Error)) throw error
}
