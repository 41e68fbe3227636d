import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { sha256Hex } from '@coppice/events'
import { AcpAgent } from '../agents/acp-agent.ts'
import type { ProcessExit } from '../agents/agent-process.ts'
import { AgentFailure } from '../agents/failure.ts'
import { providerById } from '../agents/providers.ts'
import { safeId } from '../git/worktree.ts'
import type { Instructed } from '../instructions/before-prompt.ts'
import type { RunnerContext } from '../runner-context.ts'
import { sessionVariables } from '../processes/process-environment.ts'
import { inSandbox } from '../sandbox/in-sandbox.ts'
import { serverEntry, serverName } from '../session-tools/server-entry.ts'
import { newToken, type Admission } from '../session-tools/tool-server.ts'
import type { AnswerCall } from '../session-tools/tools.ts'

/** Which of the agent's own sessions a session's conversation is in. */
type Remembered = {
  readonly provider: string
  readonly agentSessionId: string
  readonly spentUsd: number
  /** Which of the session's conversations it is; notes of before there were several have none. */
  readonly conversation?: number
  /** SHA-256 of what it was told beside messages, where that went before a prompt. */
  readonly told?: string
}

/** Which agent a turn needs, and which of the session's conversations it must remember. */
export type AgentFor = {
  readonly provider: string
  readonly model: string
  readonly conversation: number
  /** What it is to know beside messages. */
  readonly instructions: string
}

type Kept = {
  readonly agent: AcpAgent
  readonly runId: string
  readonly as: AgentFor
  readonly admission: Admission
  /** The version of the secrets that it has in its environment. */
  readonly secrets: string
  told: string
}

/** `remembers`: it knows what was said before. */
type Opened = { readonly agent: AcpAgent; readonly remembers: boolean; readonly instructed: Instructed }

type Opening = {
  readonly runId: string
  readonly as: AgentFor
  readonly secrets: string
  readonly opened: Promise<Opened>
  readonly stop: AbortController
}

const nothing = sha256Hex('')

/** What the agent was started with counts where it is part of its system prompt, and may be older than what is wanted. */
function instructed({ agent, as, told }: Kept, wanted: AgentFor): Instructed {
  return agent.bySystemPrompt
    ? { text: as.instructions, way: 'system_prompt', known: true }
    : { text: wanted.instructions, way: 'first_prompt', known: sha256Hex(wanted.instructions) === told }
}

const same = (a: AgentFor, b: AgentFor): boolean =>
  a.provider === b.provider && a.model === b.model && a.conversation === b.conversation

/** How a run's process ended. */
export type RunExit = ProcessExit & { readonly runId: string }

/** The agent of one session: started when it is needed, kept for the next turn, ended when it has been idle for long. */
export class AgentKeeper {
  readonly #context: RunnerContext
  readonly #sessionId: string
  readonly #workspaceId: string
  readonly #exited: (exit: RunExit) => void
  readonly #call: AnswerCall
  /** Lets the session's agents use its tools. */
  #token: string | undefined
  #kept: Kept | undefined
  #opening: Opening | undefined
  #idle: NodeJS.Timeout | undefined
  #closing: Promise<void> = Promise.resolve()

  /**
   * @param exited is told of every end of a process, whatever its reason
   * @param call answers the calls of the session's own tools
   */
  constructor(
    context: RunnerContext,
    workspaceId: string,
    sessionId: string,
    exited: (exit: RunExit) => void,
    call: AnswerCall,
  ) {
    this.#call = call
    this.#context = context
    this.#workspaceId = workspaceId
    this.#sessionId = sessionId
    this.#exited = exited
  }

  /** The run that would go on with the next turn, if its agent lives or is starting and is the one that is needed. */
  runOf(as: AgentFor): string | undefined {
    const run = this.#kept ?? this.#opening
    if (!run || !this.#serves(run, as)) return undefined
    // Instructions of a system prompt change with the process only.
    const stale = 'agent' in run && run.agent.bySystemPrompt && run.as.instructions !== as.instructions
    return stale ? undefined : run.runId
  }

  /** What an agent is started with, beside what it is asked for: its secrets and its sandbox. */
  #surroundings(): string {
    const { secrets, sandboxOf } = this.#context
    return `${secrets.version(this.#workspaceId)} ${JSON.stringify(sandboxOf(this.#workspaceId) ?? null)}`
  }

  /** One that was started with others is ended, and another goes on with its conversation. */
  #serves(run: Pick<Kept, 'as' | 'secrets'>, as: AgentFor): boolean {
    return same(run.as, as) && run.secrets === this.#surroundings()
  }

  /** Starts an agent that will be needed soon. If that fails, the turn that needs it says so. */
  warmUp(runId: string, as: AgentFor, cwd: string): void {
    this.open(runId, as, cwd).catch((error: unknown) => {
      if (!(error instanceof AgentFailure)) this.#context.say(String(error))
    })
  }

  /** Ends an agent that is only starting. */
  giveUp(): void {
    this.#opening?.stop.abort()
  }

  /**
   * The agent for a turn.
   * @param mustRemember the turn goes on in the middle: an agent that does not remember it is none
   * @returns also whether it remembers what was said in this conversation.
   * @throws {AgentFailure}
   */
  async open(runId: string, as: AgentFor, cwd: string, mustRemember = false): Promise<Opened> {
    clearTimeout(this.#idle)
    const opening = this.#opening
    if (opening && opening.runId === runId && this.#serves(opening, as)) return opening.opened
    const kept = this.#kept
    if (kept && kept.runId === runId && this.#serves(kept, as))
      return { agent: kept.agent, remembers: true, instructed: instructed(kept, as) }
    const stop = new AbortController()
    const secrets = this.#surroundings()
    const opened = this.#start(runId, as, cwd, stop.signal, mustRemember)
    const mine = { runId, as, secrets, opened, stop }
    this.#opening = mine
    try {
      return await opened
    } finally {
      if (this.#opening === mine) this.#opening = undefined
    }
  }

  async #start(runId: string, as: AgentFor, cwd: string, signal: AbortSignal, mustRemember: boolean): Promise<Opened> {
    await this.#end()
    const { provider, model, instructions } = as
    const known = await providerById(provider, this.#context.dataFolder)
    if (!known)
      throw new AgentFailure(
        'not_installed',
        `This runner does not know the provider "${provider}". Update the runner, or choose another provider.`,
      )
    const remembered = await this.#remembered(as)
    if (mustRemember && !remembered)
      throw new AgentFailure('forgot', 'It is not known which conversation of the agent it was.')
    const secrets = this.#surroundings()
    const given = this.#context.secrets.environment(this.#workspaceId)
    const launch = await known.launch({ ...this.#context.env, ...given }, this.#context.dataFolder)
    const admission = this.#admit()
    const name = serverName(this.#sessionId)
    const { variables } = await sessionVariables(this.#context, this.#sessionId)
    const agent = await AcpAgent.open({
      launch: await inSandbox(this.#context, known, this.#workspaceId, this.#sessionId, {
        ...launch,
        env: { ...given, ...launch.env, ...variables },
      }),
      quirks: known.quirks,
      runId,
      cwd,
      home: this.#context.dataFolder,
      model,
      instructions,
      // A script calls nothing.
      mcpServers: (capabilities) => (provider === 'script' ? [] : [serverEntry(name, admission, capabilities)]),
      timeouts: this.#context.timeouts,
      signal,
      mustResume: mustRemember,
      redact: (text) => this.#context.redaction.text(text),
      offers: (commands) => this.#context.pickers.said(this.#sessionId, provider, commands),
      ...(remembered ? { resume: remembered.agentSessionId, spentUsd: remembered.spentUsd } : {}),
    }).catch((error: unknown) => {
      admission.revoke()
      throw error
    })
    const told = agent.resumed ? (remembered?.told ?? nothing) : nothing
    const kept: Kept = { agent, runId, as, secrets, told, admission }
    this.#kept = kept
    await this.#note(kept)
    agent.process.exited
      .then(() => (this.#kept === kept ? this.#end() : undefined))
      .catch((error: unknown) => this.#notEnded(error))
    return { agent, remembers: agent.resumed, instructed: instructed(kept, as) }
  }

  /** What went before a prompt is part of the conversation from now on. */
  told(text: string): void {
    if (this.#kept) this.#kept.told = sha256Hex(text)
  }

  /** A turn is over: the agent may wait a while for the next. */
  async rest(): Promise<void> {
    const kept = this.#kept
    if (!kept) return
    await this.#note(kept)
    clearTimeout(this.#idle)
    this.#idle = setTimeout(
      () => void this.close().catch((error: unknown) => this.#notEnded(error)),
      this.#context.agentIdleMs,
    )
    this.#idle.unref()
  }

  /** Ends the agent with all its children, also one that is starting; settles when they are gone and that is told. */
  async close(): Promise<void> {
    this.giveUp()
    // Why it did not open is told to who opened it.
    await Promise.allSettled([this.#opening?.opened])
    await this.#end()
  }

  async #end(): Promise<void> {
    clearTimeout(this.#idle)
    const kept = this.#kept
    if (kept) {
      this.#kept = undefined
      kept.admission.revoke()
      this.#closing = kept.agent.close().then((exit) => this.#exited({ ...exit, runId: kept.runId }))
    }
    await this.#closing
  }

  #notEnded(error: unknown): void {
    this.#context.say(`The agent of session ${this.#sessionId} could not be ended: ${String(error)}`)
  }

  get #file(): string {
    return path.join(this.#context.dataFolder, 'sessions', `${safeId(this.#sessionId)}.agent.json`)
  }

  async #remembered({ provider, conversation }: AgentFor): Promise<Remembered | undefined> {
    const text = await readFile(this.#file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    })
    const known = text === undefined ? undefined : readRemembered(text)
    return known?.provider === provider && (known.conversation ?? 0) === conversation ? known : undefined
  }

  /** The session's token never leaves the runner by anything that is told. */
  #admit(): Admission {
    this.#token ??= newToken()
    this.#context.redaction.learn([this.#token])
    return this.#context.tools.admit(this.#token, this.#call)
  }

  #note({ agent, as, told }: Kept): Promise<void> {
    const { provider, conversation } = as
    return this.#remember({ provider, agentSessionId: agent.sessionId, spentUsd: agent.spentUsd, conversation, told })
  }

  async #remember(remembered: Remembered): Promise<void> {
    await mkdir(path.dirname(this.#file), { recursive: true })
    await writeFile(`${this.#file}.new`, JSON.stringify(remembered), { flush: true })
    await rename(`${this.#file}.new`, this.#file)
  }
}

/** A damaged note costs what the agent remembers, not the session: it begins anew. */
function readRemembered(text: string): Remembered | undefined {
  try {
    return JSON.parse(text) as Remembered
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
