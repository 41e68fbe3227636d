import type { OpenConversation } from './conversation.ts'

/** Held in memory beside those that are looked at: a few megabytes for the longest. */
const MOST = 4

/**
 * Conversations that were looked at lately, or soon will be, newest last. They are told of what happens in them like open ones, so
 * that they are on the screen at once when they are opened.
 */
export class RecentConversations {
  #kept: readonly OpenConversation[] = []

  /** Keeps one more. Gives those that have to go for it. */
  keep(conversation: OpenConversation): readonly OpenConversation[] {
    const others = this.#kept.filter((one) => one.sessionId !== conversation.sessionId)
    const same = this.#kept.filter((one) => one.sessionId === conversation.sessionId)
    this.#kept = [...others, conversation].slice(-MOST)
    return [...same, ...others.slice(0, Math.max(0, others.length + 1 - MOST))]
  }

  /** Takes one out, to be looked at. */
  take(sessionId: string): OpenConversation | undefined {
    const found = this.#kept.find((one) => one.sessionId === sessionId)
    this.#kept = this.#kept.filter((one) => one !== found)
    return found
  }

  /** Takes all out. */
  takeAll(): readonly OpenConversation[] {
    const all = this.#kept
    this.#kept = []
    return all
  }
}
