import type { ToolFamily } from '@coppice/events'

/** A tool call as far as it is known: agents fill it in bit by bit, in any order. */
export type ToolCall = {
  /** The agent's own id of the call. */
  readonly callId: string
  readonly family: ToolFamily
  readonly title: string
  /** The tool's own name, where the agent says it. */
  readonly name?: string
  /** File, command or query; empty while unknown. */
  readonly target: string
  readonly status: 'pending' | 'running' | 'done' | 'failed'
  /** The call this one belongs to, for sub-agents. */
  readonly parentCallId?: string
  /** Whole output so far. */
  readonly output: string
  readonly exitCode: number | null
  /** Files it names. */
  readonly locations: readonly string[]
  /** The change it would make, where the agent says so. */
  readonly diffs: readonly { readonly path: string; readonly oldText: string; readonly newText: string }[]
}

/** Tokens and money as an agent reported them. Absent numbers were not said. */
export type ReportedUsage = {
  readonly inputTokens?: number
  readonly outputTokens?: number
  readonly cacheReadTokens?: number
  readonly cacheWriteTokens?: number
  readonly usd?: number
  readonly contextUsed?: number
  readonly contextLimit?: number
}

/** What an agent does, as plain data: the only thing the rest of the runner knows of any agent's protocol. */
export type Happening =
  | {
      readonly kind: 'text'
      readonly channel: 'agent' | 'thinking'
      readonly messageKey: string
      readonly text: string
    }
  | { readonly kind: 'tool'; readonly call: ToolCall }
  | {
      readonly kind: 'plan'
      readonly entries: readonly { readonly text: string; readonly status: 'pending' | 'in_progress' | 'done' }[]
    }
  | { readonly kind: 'usage'; readonly usage: ReportedUsage }

/** An agent asks before a step. */
export type PermissionRequest = { readonly call: ToolCall }
export type PermissionAnswer = 'allow' | 'reject' | 'cancelled'

/** Who is told. `permission` may take as long as a person does; `cancelled` is answered for it when the turn is stopped. */
export type AgentListener = {
  happened(happening: Happening): void
  permission(request: PermissionRequest): Promise<PermissionAnswer>
  /** Asked before each call of the model, by agents that do. False: the turn is being stopped. */
  readonly mayCallModel?: () => Promise<boolean>
}

/** How a turn came to its end, in the agent's words. */
export type TurnEnd = {
  readonly reason: 'completed' | 'limit' | 'refused' | 'stopped'
  readonly usage: ReportedUsage
}
