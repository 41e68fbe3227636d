import { methods } from '@agentclientprotocol/sdk/unstable'
import type { AgentContext, PermissionOption, SessionUpdate, ToolCallUpdate } from '@agentclientprotocol/sdk/unstable'

const options: PermissionOption[] = [
  { optionId: 'once', name: 'Allow once', kind: 'allow_once' },
  { optionId: 'always', name: 'Allow always', kind: 'allow_always' },
  { optionId: 'reject', name: 'Reject', kind: 'reject_once' },
]

/** What one session tells whoever drives the agent, in order. */
export class ClientView {
  readonly #client: AgentContext
  readonly #asksBeforeCalls: boolean
  readonly sessionId: string
  /** Updates leave one after the other, in the order they were told. */
  #last: Promise<void> = Promise.resolve()

  /** @param asksBeforeCalls whether the driver wants to be asked before a model is called */
  constructor(client: AgentContext, sessionId: string, asksBeforeCalls: boolean) {
    this.#asksBeforeCalls = asksBeforeCalls
    this.#client = client
    this.sessionId = sessionId
  }

  update(update: SessionUpdate): void {
    const { sessionId } = this
    // A driver that has gone hears nothing; the process ends with its input.
    this.#last = this.#last
      .then(() => this.#client.notify(methods.client.session.update, { sessionId, update }))
      .catch(gone)
  }

  /** Settles when everything told so far has left. */
  told(): Promise<void> {
    return this.#last
  }

  say(text: string): void {
    this.update({ sessionUpdate: 'agent_message_chunk', content: { type: 'text', text } })
  }

  think(text: string): void {
    this.update({ sessionUpdate: 'agent_thought_chunk', content: { type: 'text', text } })
  }

  /** Whether a model may be called now; settles when it may. False: the turn is being stopped. */
  async mayCallModel(signal: AbortSignal): Promise<boolean> {
    if (!this.#asksBeforeCalls) return true
    // What was taken up to now is told first.
    await this.#last
    const { sessionId } = this
    const asked = this.#client.request<{ go?: unknown }>('_coppice/model_call', { sessionId })
    const answer = await Promise.race([asked, whenAborted(signal)])
    return answer?.go === true
  }

  /** Asks a person before a step. `cancelled` also where nobody can be asked any more. */
  async ask(toolCall: ToolCallUpdate, signal: AbortSignal): Promise<'once' | 'always' | 'reject' | 'cancelled'> {
    await this.#last
    const { sessionId } = this
    const asked = this.#client.request(methods.client.session.requestPermission, { sessionId, toolCall, options })
    const answer = await Promise.race([asked, whenAborted(signal)])
    if (answer === undefined || answer.outcome.outcome === 'cancelled') return 'cancelled'
    const { optionId } = answer.outcome
    return optionId === 'once' || optionId === 'always' ? optionId : 'reject'
  }
}

function whenAborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined)
    signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })
}

function gone(error: unknown): void {
  if (!(error instanceof Error)) throw error
}
