import type { Quirks } from './recipe.ts'
import { modeSetting, usualMode, type SessionChoices } from './session-choices.ts'

/** How far an agent goes: as usual (it asks before it changes something), reading only, or asking before all. */
export type AgentMode = 'usual' | 'plan' | 'strict'

type Request = { readonly method: string; readonly params: unknown }

/** In which of its modes an agent is, and how it gets into another. */
export class AgentModes {
  readonly #choices: SessionChoices
  readonly #sessionId: string
  readonly #usual: string
  #mode: string

  constructor(choices: SessionChoices, sessionId: string, quirks: Quirks) {
    this.#choices = choices
    this.#sessionId = sessionId
    this.#usual = usualMode(choices, quirks)
    // Opening a session has put it into the mode in which it asks, where it has one of its own.
    this.#mode = quirks.askMode === this.#usual ? this.#usual : choices.mode
  }

  /** @returns false where the agent has no such mode: it stays, or goes back to, as it usually is. */
  async enter(wanted: AgentMode, ask: (request: Request) => Promise<unknown>): Promise<boolean> {
    const known = wanted === 'usual' || this.#choices.modes.some(({ id }) => id === wanted)
    const mode = wanted === 'usual' || !known ? this.#usual : wanted
    const setting = mode === this.#mode ? undefined : modeSetting(this.#choices, this.#sessionId, mode)
    if (setting) {
      await ask(setting)
      this.#mode = mode
    }
    return known
  }
}
