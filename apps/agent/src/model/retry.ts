import { setTimeout as pause } from 'node:timers/promises'
import { LIMITS } from '../limits.ts'
import { ModelFailure } from './failure.ts'
import type { AskModel } from './model.ts'

/** What is told before each new try. `waitMs` is how long it waits. */
export type Retrying = (failure: ModelFailure, attempt: number, waitMs: number) => void

/**
 * Asks a model, and again with growing waits where the failure may pass. What an attempt had streamed before it failed was
 * shown already; `retrying` says that it begins anew.
 * @throws {ModelFailure} the last one
 */
export function withRetries(ask: AskModel, retrying: Retrying): AskModel {
  return async (request, streamed) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await ask(request, streamed)
      } catch (error) {
        if (!(error instanceof ModelFailure) || !error.passing || attempt > LIMITS.retries) throw error
        if (request.signal.aborted || (error.retryAfterMs ?? 0) > LIMITS.longestWaitMs) throw error
        const waitMs = error.retryAfterMs ?? spread(LIMITS.firstWaitMs * 2 ** (attempt - 1))
        retrying(error, attempt, waitMs)
        await pause(waitMs, undefined, { signal: request.signal })
      }
    }
  }
}

/** Many sessions that were refused together shall not come back together. */
function spread(ms: number): number {
  return Math.round(ms * (0.75 + Math.random() / 2))
}
