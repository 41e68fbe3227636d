import { setTimeout as pause } from 'node:timers/promises'
import { AgentFailure } from '../agents/failure.ts'
import type { TurnEnd } from '../agents/happenings.ts'

/** A limit that ends later than this is not waited for, ms: then the turn ends, and a person decides. */
const longestWaitMs = 12 * 60 * 60_000
const mostWaits = 5
/** Clocks differ a little; too early would be refused again. */
const graceMs = 1_000

/**
 * Prompts an agent. Where the rate is limited until a time that was said, it waits for that and lets the agent go on by itself.
 *
 * @param waiting told before each wait, with the time that it lasts until, ms since 1970
 * @param signal ends a wait: the turn counts as stopped
 * @throws {AgentFailure} of any other kind, and where a limit lasts too long
 */
export async function throughLimits(
  ask: (prompt: string) => Promise<TurnEnd>,
  first: string,
  signal: AbortSignal,
  waiting: (failure: AgentFailure, until: number) => void,
): Promise<TurnEnd> {
  let prompt = first
  for (let waits = 0; ; waits += 1) {
    try {
      return await ask(prompt)
    } catch (error) {
      if (!(error instanceof AgentFailure) || error.code !== 'rate_limited' || error.until === undefined) throw error
      const left = error.until - Date.now()
      if (left > longestWaitMs || waits >= mostWaits) throw error
      waiting(error, error.until)
      const ended = await pause(Math.max(0, left) + graceMs, 'over' as const, { signal }).catch(stoppedWaiting)
      if (ended !== 'over') return { reason: 'stopped', usage: {} }
      prompt = 'Please continue where you stopped.'
    }
  }
}

/** What is said while it waits. */
export function waitingWords(failure: AgentFailure, until: number): string {
  const at = new Date(until).toISOString().slice(0, 16).replace('T', ' ')
  return `${failure.message}\n\nIt goes on by itself at ${at} UTC. A stop ends the waiting.`
}

function stoppedWaiting(error: Error): 'stopped' {
  if (error.name !== 'AbortError') throw error
  return 'stopped'
}
