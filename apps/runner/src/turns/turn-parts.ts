import type { Attachment, SessionState } from '@coppice/events'
import type { Worktree } from '../git/worktree.ts'
import type { Address, Cause, RunnerContext } from '../runner-context.ts'
import type { Unheard } from '../sessions/answer-texts.ts'
import type { AgentKeeper } from './agent-keeper.ts'
import type { LiveFeed } from './live-feed.ts'

/** What a turn is made of. */
export type TurnParts = {
  readonly context: RunnerContext
  readonly address: Address
  readonly sessionId: string
  readonly turnId: string
  readonly runId: string
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
  /** The session as the log has it now. */
  readonly state: () => SessionState
}
