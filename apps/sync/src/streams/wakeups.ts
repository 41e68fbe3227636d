/** Who waits for news of which stream. A wait is registered before the reader looks, so that nothing falls in between. */
export class Wakeups {
  readonly #waits = new Map<string, Set<() => void>>()
  #closed = false

  /** Settles at the next news of `key`, when `signal` ends it, or when all waits end. Let go of a wait that is not needed. */
  listen(key: string, signal: AbortSignal): { readonly news: Promise<void>; letGo(): void } {
    const { promise, resolve } = Promise.withResolvers<void>()
    const waits = this.#waits.get(key) ?? new Set()
    const letGo = (): void => {
      waits.delete(wake)
      signal.removeEventListener('abort', wake)
      if (waits.size === 0 && this.#waits.get(key) === waits) this.#waits.delete(key)
    }
    const wake = (): void => {
      letGo()
      resolve()
    }
    waits.add(wake)
    this.#waits.set(key, waits)
    signal.addEventListener('abort', wake)
    if (signal.aborted || this.#closed) wake()
    return { news: promise, letGo }
  }

  /** Something happened to `key`, here or at another server. */
  tell(key: string): void {
    for (const wake of this.#waits.get(key) ?? []) wake()
  }

  get closed(): boolean {
    return this.#closed
  }

  /** Ends all waits, now and from here on: the server stops. */
  close(): void {
    this.#closed = true
    for (const key of this.#waits.keys()) this.tell(key)
  }
}
