import os from 'node:os'
import type { AgentCommand } from '@coppice/protocol'
import type { Provider } from '../agents/provider.ts'
import { FoundCommands } from './found-commands.ts'
import { WorktreeFiles } from './worktree-files.ts'

/** A command as an agent says it: without its sign. */
export type SaidCommand = { readonly name: string; readonly description: string }

/** So many commands are told to a client. */
const mostCommands = 500
const mostSessions = 1_000

/** What can be picked in a message: files with `@`, and with `/` what the agent of the session takes. */
export class Pickers {
  readonly files: WorktreeFiles
  readonly #found = new FoundCommands()
  /** What agents said, by session: a provider that is changed back is not asked again. */
  readonly #said = new Map<string, Map<string, readonly SaidCommand[]>>()

  /** @param now ms, never going back */
  constructor(now: () => number) {
    this.files = new WorktreeFiles(now)
  }

  /** The agent of a session said what it takes, all of it. */
  said(sessionId: string, provider: string, commands: readonly SaidCommand[]): void {
    const bySession = this.#said.get(sessionId) ?? new Map<string, readonly SaidCommand[]>()
    bySession.set(provider, commands.slice(0, mostCommands))
    this.#said.delete(sessionId)
    this.#said.set(sessionId, bySession)
    for (const oldest of [...this.#said.keys()].slice(0, -mostSessions)) this.#said.delete(oldest)
  }

  /** What the agent said first, then what is in its folders; of two that are typed alike, the first. */
  async commands(
    sessionId: string,
    provider: Pick<Provider, 'id' | 'commandFolders'> | undefined,
    { worktree, env }: { readonly worktree: string; readonly env: NodeJS.ProcessEnv },
  ): Promise<AgentCommand[]> {
    if (!provider) return []
    const home = env['HOME'] ?? os.homedir()
    const found = await this.#found.in(provider.commandFolders ?? [], { worktree, home })
    const said = this.#said.get(sessionId)?.get(provider.id) ?? []
    const all = new Map<string, AgentCommand>()
    for (const { name, description } of said) {
      const text = `/${name}`
      all.set(text, { text, description: description.slice(0, 200), kind: 'command', from: 'agent' })
    }
    for (const one of found) {
      const known = all.get(one.text)
      // An agent says skills as commands; its folders tell them apart.
      if (!known) all.set(one.text, one)
      else if (known.from === 'agent') all.set(one.text, { ...known, kind: one.kind })
    }
    return [...all.values()].slice(0, mostCommands)
  }
}
