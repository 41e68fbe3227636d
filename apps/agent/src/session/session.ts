import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import type { McpServer, PromptResponse } from '@agentclientprotocol/sdk/unstable'
import type { UserPart } from '../conversation.ts'
import { McpServers } from '../mcp/servers.ts'
import type { ModelEntry } from '../model/entry.ts'
import { tokensTaken } from '../model/model.ts'
import type { AskModel, TokenUse } from '../model/model.ts'
import { projectInstructions } from '../prompt/project-instructions.ts'
import { systemPrompt } from '../prompt/system-prompt.ts'
import type { ClientView } from '../protocol/client-view.ts'
import { Folder } from '../tools/folder.ts'
import { ownTools } from '../tools/own-tools.ts'
import { SeenFiles } from '../tools/seen-files.ts'
import { ConversationLog } from './conversation-log.ts'
import type { Mode } from './modes.ts'
import type { Entry, Transcript } from './transcript.ts'
import { Turn } from './turn.ts'
import type { TurnEnd } from './turn.ts'

type Running = { readonly stop: AbortController; readonly steered: UserPart[][] }

/** One conversation in one folder. */
export class Session {
  readonly view: ClientView
  readonly log: ConversationLog
  mode: Mode = 'manual'
  model: ModelEntry
  readonly #folder: Folder
  readonly #outputs: string
  readonly #ask: AskModel
  readonly #servers: Promise<McpServers>
  readonly #seen = new SeenFiles()
  readonly #allowed = new Set<string>()
  readonly #project: string
  readonly #branch: string
  readonly #added: string
  #running: Running | undefined
  #problemsTold = false

  private constructor(parts: OpenSession, folder: Folder, project: string, branch: string) {
    this.view = parts.view
    this.log = new ConversationLog(parts.transcript, parts.entries)
    this.model = parts.model(this.log.model)
    this.#folder = folder
    this.#outputs = parts.outputs
    this.#ask = parts.ask
    this.#servers = McpServers.connect(parts.mcpServers, folder.root)
    this.#project = project
    this.#branch = branch
    this.#added = parts.added
  }

  static async open(parts: OpenSession): Promise<Session> {
    const folder = await Folder.at(parts.cwd, [parts.outputs])
    const [project, branch] = await Promise.all([projectInstructions(folder.root), branchOf(folder.root)])
    return new Session(parts, folder, project, branch)
  }

  get busy(): boolean {
    return this.#running !== undefined
  }

  /** One turn. @throws {ModelFailure} */
  async prompt(parts: readonly UserPart[]): Promise<PromptResponse> {
    const running: Running = { stop: new AbortController(), steered: [] }
    this.#running = running
    try {
      const servers = await this.#servers
      this.#tellProblems(servers)
      const turn = new Turn({
        log: this.log,
        model: this.model,
        ask: this.#ask,
        view: this.view,
        tools: [...ownTools, ...servers.tools],
        context: {
          folder: this.#folder,
          seen: this.#seen,
          outputs: this.#outputs,
          plan: (entries) => this.view.update({ sessionUpdate: 'plan', entries }),
        },
        signal: running.stop.signal,
        allowed: this.#allowed,
        mode: () => this.mode,
        system: () => this.#system(),
        steered: () => running.steered.splice(0),
      })
      const end = await this.#did(turn, parts)
      await this.view.told()
      return { stopReason: end.stopReason, usage: usageOf(end.use) }
    } finally {
      this.#running = undefined
    }
  }

  async #did(turn: Turn, parts: readonly UserPart[]): Promise<TurnEnd> {
    const [first] = parts
    const command = parts.length === 1 && first?.kind === 'text' ? first.text.trim() : ''
    if (command === '/compact') return turn.compactNow()
    return turn.run(parts)
  }

  /** Says something to the turn that is going on. @returns false where none is */
  steer(parts: readonly UserPart[]): boolean {
    if (!this.#running || this.#running.stop.signal.aborted) return false
    this.#running.steered.push([...parts])
    return true
  }

  cancel(): void {
    this.#running?.stop.abort()
  }

  async close(): Promise<void> {
    this.cancel()
    await (await this.#servers).close()
    await this.log.close()
  }

  #system(): string {
    return systemPrompt({
      folder: this.#folder.root,
      branch: this.#branch,
      mode: this.mode,
      project: this.#project,
      added: this.#added,
    })
  }

  #tellProblems(servers: McpServers): void {
    if (this.#problemsTold) return
    this.#problemsTold = true
    for (const problem of servers.problems) this.view.think(`${problem}\n`)
  }
}

export type OpenSession = {
  readonly cwd: string
  readonly view: ClientView
  readonly transcript: Transcript
  /** What the session was before. */
  readonly entries: readonly Entry[]
  /** The model for the id that the session had; its default where that is empty. */
  model(id: string): ModelEntry
  readonly ask: AskModel
  readonly outputs: string
  readonly mcpServers: readonly McpServer[]
  /** What the driver adds to the system prompt. */
  readonly added: string
}

function usageOf(use: TokenUse): NonNullable<PromptResponse['usage']> {
  return {
    inputTokens: use.input,
    outputTokens: use.output,
    cachedReadTokens: use.cacheRead,
    cachedWriteTokens: use.cacheWrite,
    totalTokens: tokensTaken(use),
  }
}

/** The branch of a worktree; empty where there is none. */
async function branchOf(folder: string): Promise<string> {
  const asked = promisify(execFile)('git', ['rev-parse', '--abbrev-ref', 'HEAD'], { cwd: path.resolve(folder) })
  return asked.then(
    ({ stdout }) => stdout.trim(),
    // No repository, or one without a commit.
    () => '',
  )
}
