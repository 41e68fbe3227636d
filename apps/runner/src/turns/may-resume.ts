import { once } from 'node:events'
import type { Resumption } from './resumption.ts'
import type { TurnParts } from './turn-parts.ts'

/** Tells that a turn goes on, and waits until the log has it: it may have ended meanwhile. @param signal ends the waiting */
export async function mayResume(
  { context, address, cause, runId, turnId, state }: TurnParts,
  { cause: why, record }: Resumption,
  seed: string,
  signal: AbortSignal,
): Promise<boolean> {
  const data = { turnId, runId, cause: why, ...(record ? { record } : {}) }
  const stored = context.observe(address, 'turn.resumed', data, cause, `${seed}:resumed`)
  const ended = once(signal, 'abort').then(() => false)
  return (await Promise.race([stored, ended])) && state().turn?.turnId === turnId
}
