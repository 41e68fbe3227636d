import { LIMITS } from '../limits.ts'
import type { SessionState } from './state.ts'

/** Why a step that was withdrawn waits no longer, for whoever answers too late. */
export const withdrawnBecause = {
  stopped: 'withdrawn: the turn was stopped',
  agent_exited: 'withdrawn: the agent exited',
  restart: 'withdrawn: the runner was restarted',
  expired: 'expired',
  session_ended: 'withdrawn: the session ended',
  switched_to_auto: 'answered by Auto mode',
} as const

/** A step or a question waits no longer; how it came to that is told to late answers (D-5). */
export function settle(state: SessionState, approvalId: string, how: string): SessionState {
  return {
    ...state,
    approvals: state.approvals.filter((one) => one.approvalId !== approvalId),
    settled: [...state.settled, { approvalId, how }].slice(-LIMITS.settledApprovals),
  }
}
