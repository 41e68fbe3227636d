import type { AgentTrouble, TurnOutcome } from '@coppice/events'
import type { TurnEnd } from '../agents/happenings.ts'
import type { ToolOutcome } from './tool-reports.ts'

/** How a turn ended, and what becomes of the tools that were still open. */
export type Ending = {
  readonly outcome: TurnOutcome
  readonly message?: string
  readonly trouble?: AgentTrouble
  readonly tools: ToolOutcome
}

export const restarted =
  'The runner was stopped while the agent worked. Nothing that was done is lost; release the queue or send a message to go on.'

/** A turn that was cut off by a restart, and whose agent does not take it up again: why not. */
export function couldNotGoOn(failed: Pick<Ending, 'message' | 'trouble'>): Ending {
  const message = `The runner was restarted while the agent worked, and the turn could not go on by itself: ${failed.message ?? ''} What it had done is kept; release the queue or send a message to go on.`
  return { ...failed, outcome: 'aborted_by_restart', message, tools: 'aborted' }
}

/** What the agent's own end of a turn means. */
export function endingOf(
  reason: TurnEnd['reason'],
  { aborting, stopping }: { readonly aborting: boolean; readonly stopping: boolean },
): Ending {
  switch (reason) {
    case 'completed':
      return { outcome: 'completed', tools: 'aborted' }
    case 'stopped':
      if (aborting) return { outcome: 'aborted_by_restart', message: restarted, tools: 'aborted' }
      return {
        outcome: 'stopped',
        message: stopping ? 'Stopped.' : 'The agent stopped by itself.',
        tools: 'canceled',
      }
    case 'limit':
      return {
        outcome: 'limit',
        message: 'The model reached its limit for one turn. Send a message to go on.',
        tools: 'aborted',
      }
    case 'refused':
      return { outcome: 'refused', message: 'The model refused to go on with this.', tools: 'aborted' }
  }
}

/** A run that was ended because nothing changed in it. */
export const staleEnd = (silentMs: number): Ending => ({
  outcome: 'failed',
  tools: 'aborted',
  message: `Nothing had changed for ${Math.round(silentMs / 1_000)} seconds, so the agent was ended. What it had done is kept; send a message to go on.`,
})
