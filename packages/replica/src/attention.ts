/** What the pages of this replica look at: which conversations are open somewhere, and which session each watches. */
export class Attention {
  readonly #open = new Map<string, Set<string>>()
  readonly #watching = new Map<string, string>()

  opened(page: string, sessionId: string): void {
    const pages = this.#open.get(sessionId) ?? new Set()
    this.#open.set(sessionId, pages.add(page))
  }

  closed(page: string, sessionId: string): void {
    const pages = this.#open.get(sessionId)
    pages?.delete(page)
    if (pages?.size === 0) this.#open.delete(sessionId)
  }

  watches(page: string, sessionId: string | undefined): void {
    if (sessionId) this.#watching.set(page, sessionId)
    else this.#watching.delete(page)
  }

  /** A page is gone. */
  left(page: string): void {
    for (const sessionId of this.#open.keys()) this.closed(page, sessionId)
    this.#watching.delete(page)
  }

  readonly isOpen = (sessionId: string): boolean => this.#open.has(sessionId)

  /** Sessions whose conversation is open somewhere. */
  readonly open = (): readonly string[] => [...this.#open.keys()]

  /** Each watched session, once. */
  watched(): readonly string[] {
    return [...new Set(this.#watching.values())]
  }
}
