import type { Launch } from './agent-process.ts'
import type { CommandFolder } from '../pickers/command-folder.ts'
import type { Quirks } from './recipe.ts'

/** Whether a provider can work on this machine, and with which models. */
export type ProviderState = {
  readonly id: string
  readonly name: string
  readonly available: boolean
  /** Why not, and what to do; empty where it is available. */
  readonly reason: string
  readonly version: string
  readonly models: readonly { readonly id: string; readonly name: string }[]
}

/** How to find and start one agent. What it can do is asked of the agent itself, never known by its name. */
export type Provider = {
  readonly id: string
  readonly name: string
  readonly quirks: Quirks
  /** Variables that it takes a key from; the usual one first. */
  readonly keys: readonly string[]
  /** Files and folders in the home folder that it must write to work: its settings, sessions, caches. */
  readonly writes?: readonly string[]
  /** Where it looks for commands and skills; what is in the worktree first. */
  readonly commandFolders?: readonly CommandFolder[]
  /** Looks for it. Never throws: what is wrong is the reason. */
  detect(env: NodeJS.ProcessEnv, dataFolder: string): Promise<ProviderState>
  /** @param dataFolder the runner's: an agent of ours keeps its files under it */
  launch(env: NodeJS.ProcessEnv, dataFolder: string): Promise<Launch>
}
