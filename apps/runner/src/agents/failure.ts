/** Why an agent could not work. The message says what happened and what to do. */
export class AgentFailure extends Error {
  readonly code: 'not_installed' | 'start_timeout' | 'garbage' | 'exited' | 'refused' | 'model_error'

  constructor(code: AgentFailure['code'], message: string) {
    super(message)
    this.name = 'AgentFailure'
    this.code = code
  }
}
