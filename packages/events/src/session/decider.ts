import type { Decider } from '../decider.ts'
import type { SessionCommand } from './commands.ts'
import { decideSession } from './decide.ts'
import type { SessionEvent } from './events.ts'
import { evolveSession } from './evolve.ts'
import { initialSession, type SessionState } from './state.ts'

/** One AI run in a git worktree of its own. */
export const sessionDecider: Decider<SessionState, SessionCommand, SessionEvent> = {
  initial: initialSession,
  decide: decideSession,
  evolve: evolveSession,
}
