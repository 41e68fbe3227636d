import type { AcpAgent } from '../agents/acp-agent.ts'

/** A message that is to be said into the running turn. */
export type Hint = { readonly messageId: string; readonly text: string; readonly hasFiles: boolean }

type Told = { taken(hint: Hint): void; waits(hint: Hint, why: string): void }

/** Says messages into a turn while the agent works, one after the other; what it does not take goes on waiting (M-9). */
export class Steering {
  readonly #told: Told
  #agent: AcpAgent | undefined
  #early: Hint[] = []
  #work: Promise<void> = Promise.resolve()

  constructor(told: Told) {
    this.#told = told
  }

  /** The agent has its prompt: from now on it can be told more. */
  begin(agent: AcpAgent): void {
    this.#agent = agent
    for (const hint of this.#early.splice(0)) this.say(hint)
  }

  say(hint: Hint): void {
    const agent = this.#agent
    if (!agent) return void this.#early.push(hint)
    this.#work = this.#work.then(() => this.#say(agent, hint))
  }

  /** The turn ends: settles when every hint has its answer. Those that came too early for it wait, as all do at an end. */
  async ended(): Promise<void> {
    this.#early = []
    await this.#work
  }

  async #say(agent: AcpAgent, hint: Hint): Promise<void> {
    if (hint.hasFiles) return this.#told.waits(hint, 'A message with files waits for the end of the turn.')
    try {
      if (await agent.steer(hint.text)) return this.#told.taken(hint)
      this.#told.waits(hint, 'This agent takes nothing in mid-turn: the message waits for the end of the turn.')
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      this.#told.waits(hint, `The agent could not be told now (${why}): the message waits for the end of the turn.`)
    }
  }
}
