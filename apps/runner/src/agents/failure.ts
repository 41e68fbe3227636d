import type { AgentTrouble } from '@coppice/events'

/**
 * Why an agent could not work. The message says what happened and what to do.
 *
 * `sign_in`, `rate_limited` and `context_full` are states with a way out; `until` is when a limit ends, ms since 1970.
 */
export class AgentFailure extends Error {
  readonly code:
    | 'not_installed'
    | 'start_timeout'
    | 'garbage'
    | 'exited'
    /** It does not have the conversation that it was to go on with. */
    | 'forgot'
    | 'refused'
    | 'model_error'
    | 'sign_in'
    | 'rate_limited'
    | 'context_full'
  readonly until: number | undefined

  constructor(code: AgentFailure['code'], message: string, until?: number) {
    super(message)
    this.name = 'AgentFailure'
    this.code = code
    this.until = until
  }

  /** Where there is a way out of it: which. */
  get trouble(): AgentTrouble | undefined {
    const { code, until } = this
    if (code !== 'sign_in' && code !== 'rate_limited' && code !== 'context_full') return undefined
    return { kind: code, ...(until === undefined ? {} : { until: Math.round(until) }) }
  }
}
