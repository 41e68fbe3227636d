import type { Attachment, LastingRule, SessionState } from '@coppice/events'
import type { Price } from '@coppice/protocol/prices'
import type { WorkspaceBudget } from '../usage/budgets.ts'
import type { Worktree } from '../git/worktree.ts'
import type { Address, Cause, RunnerContext } from '../runner-context.ts'
import type { Unheard } from '../sessions/answer-texts.ts'
import type { AgentKeeper } from './agent-keeper.ts'
import type { LiveFeed } from './live-feed.ts'
import type { Resumption } from './resumption.ts'

/** What a turn is made of. */
export type TurnParts = {
  readonly context: RunnerContext
  readonly address: Address
  readonly sessionId: string
  readonly turnId: string
  /** Of the process that works on it: each has its own. */
  readonly runId: string
  /** An earlier process began it, and this one goes on. */
  readonly resumption?: Resumption | undefined
  readonly messageIds: readonly string[]
  readonly text: string
  /** Files of the messages. */
  readonly files: readonly Attachment[]
  /** Answers to earlier questions that the agent may not have got. */
  readonly unheard: readonly Unheard[]
  readonly cause: Cause
  readonly worktree: Worktree
  readonly keeper: AgentKeeper
  readonly feed: LiveFeed
  /** Of the session's model, where it is known. */
  readonly price: Price | undefined
  readonly workspaceBudget: () => WorkspaceBudget
  /** Lasting permission rules of the workspace, as they are now. */
  readonly workspaceRules: () => readonly LastingRule[]
  /** The session as the log has it now. */
  readonly state: () => SessionState
}
