import type { Replica } from '@coppice/replica'
import { turnFacts, type TurnFacts } from './blame-origin.ts'

/** Facts of a session's turns, read from its conversation when they are asked for, each once. */
export class KnownTurns {
  readonly #conversation: ReturnType<Replica['openConversation']>
  readonly #turns = new Map<string, TurnFacts>()
  /** Turns that were read when the whole conversation was here. */
  readonly #settled = new Set<string>()

  constructor(replica: Replica, sessionId: string) {
    this.#conversation = replica.openConversation(sessionId)
  }

  async load(turnId: string): Promise<void> {
    if (turnId === '' || this.#settled.has(turnId)) return
    const conversation = this.#conversation
    await conversation.ready
    const ids = conversation.spine().flatMap((item) => (item.turnId === turnId ? [item.itemId] : []))
    await conversation.load(ids)
    this.#turns.set(turnId, turnFacts(ids.flatMap((id) => conversation.body(id) ?? [])))
    if (conversation.whole()) this.#settled.add(turnId)
  }

  get(turnId: string): TurnFacts | undefined {
    return this.#turns.get(turnId)
  }

  close(): void {
    this.#conversation.close()
  }
}
