import type { CommandFolder } from '../pickers/command-folder.ts'

/** What must be known of one agent because it does not say it itself. Each of them has a test. */
export type Quirks = {
  /** A second prompt in the middle of a turn is taken into it; with others it would cancel the first. */
  readonly secondPromptSteers?: true
  /** The mode in which it asks before it changes something, where it does not begin in that. */
  readonly askMode?: string
  /** How it signs in with a key that is set, where it does not look for that by itself: its method, and the variable. */
  readonly signInWith?: readonly { readonly method: string; readonly variable: string }[]
  /** It takes `_meta.systemPrompt.append` in its session requests, where it does not advertise the protocol's own way. */
  readonly systemPromptMeta?: true
  /** `_meta` of its session requests. */
  readonly sessionMeta?: Readonly<Record<string, unknown>>
}

/** How one CLI is found, started and spoken of. Data: what it can do is asked of the agent itself. */
export type Recipe = {
  readonly id: string
  readonly name: string
  /** What its command is called, and how it is told to speak the protocol. */
  readonly command: string
  readonly args: readonly string[]
  /** Names another binary than that on the PATH. */
  readonly binaryVariable: string
  /** What to do where it is missing. */
  readonly install: string
  /** Variables that it takes a key from; the usual one first. */
  readonly keys: readonly string[]
  /** What to do where it has no key, or nobody is signed in. */
  readonly signIn: string
  /** Added to its environment: no telemetry, no updates by itself. */
  readonly env: Readonly<Record<string, string>>
  /** Settings that win over the user's own for this process only, merged into the JSON that a variable holds. */
  readonly settings?: { readonly variables: readonly string[]; readonly values: Readonly<Record<string, unknown>> }
  /** Prints its version; without it the agent is asked. */
  readonly versionArgs?: readonly string[]
  /** Prints its models, one `provider/model` a line; without it the agent is asked. */
  readonly modelsArgs?: readonly string[]
  /** Where it looks for commands and skills of its user's and the repository's. */
  readonly commandFolders?: readonly CommandFolder[]
  readonly quirks: Quirks
}
