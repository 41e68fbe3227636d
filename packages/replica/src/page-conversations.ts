import type { ItemRow } from '@coppice/events'
import { OpenConversation, type OpenConversationOptions } from './conversation.ts'
import { RecentConversations } from './recent-conversations.ts'
import type { Conversation, SpineItem } from './replica.ts'

/** The conversations that a page holds: those that are looked at, and a few that were lately or soon will be. */
export class PageConversations {
  readonly #options: Omit<OpenConversationOptions, 'closed'>
  readonly #held = new Set<OpenConversation>()
  readonly #recent = new RecentConversations()

  constructor(options: Omit<OpenConversationOptions, 'closed'>) {
    this.#options = options
  }

  open(sessionId: string): Conversation {
    const recent = this.#recent.take(sessionId)
    recent?.open()
    if (recent) return recent
    const conversation = this.#make(sessionId)
    void conversation.fetch()
    return conversation
  }

  prefetch(sessionId: string): void {
    if (this.#of(sessionId).length > 0) return
    const conversation = this.#make(sessionId)
    this.#rest(conversation)
    void conversation.fetchAhead()
  }

  /** Another core knows nothing of those that nobody looks at; the others ask it again. */
  moved(): void {
    for (const recent of this.#recent.takeAll()) this.#held.delete(recent)
    for (const conversation of this.#held) void conversation.fetch()
  }

  /** Rows of a conversation that changed. */
  take(sessionId: string, spine: readonly SpineItem[], bodies: readonly ItemRow[]): void {
    for (const one of this.#of(sessionId)) one.take(spine, bodies)
  }

  /** More of a session is here than before. */
  filled(sessionId: string): void {
    for (const one of this.#of(sessionId)) void one.fetch()
  }

  drop(itemIds: readonly string[]): void {
    for (const one of this.#held) one.drop(itemIds)
  }

  #of(sessionId: string): readonly OpenConversation[] {
    return [...this.#held].filter((one) => one.sessionId === sessionId)
  }

  #make(sessionId: string): OpenConversation {
    const conversation = new OpenConversation(sessionId, { ...this.#options, closed: (one) => this.#rest(one) })
    this.#held.add(conversation)
    return conversation
  }

  #rest(conversation: OpenConversation): void {
    const { port, page } = this.#options
    for (const gone of this.#recent.keep(conversation)) {
      this.#held.delete(gone)
      const { sessionId } = gone
      // The core knows pages, not conversations: while another of the session is here, it goes on being told.
      if (this.#of(sessionId).length === 0) void port.call('closeConversation', { page, sessionId })
    }
  }
}
