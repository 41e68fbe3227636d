import type { AgentTrouble } from '@coppice/events'
import { AgentFailure } from '../agents/failure.ts'
import { GitFailure } from '../git/git.ts'

/** Why a turn failed, for a person, and which way out there is. */
export function whatFailed(error: unknown): { readonly message: string; readonly trouble?: AgentTrouble } {
  if (error instanceof AgentFailure) {
    const { message, trouble } = error
    return trouble ? { message, trouble } : { message }
  }
  if (error instanceof GitFailure) return { message: error.message }
  return { message: `The turn failed inside the runner: ${error instanceof Error ? error.message : String(error)}` }
}
