/**
 * Named locks that queue: whoever comes second waits, nobody fails, order is kept.
 *
 * Two kinds of names are used: `session/<id>` (its worktree) and `repository/<folder>` (fetch, worktree add, merge to the
 * starter branch). Who needs both takes the session's first; no other order exists, so they cannot wait for each other.
 */
export class QueueingLocks {
  readonly #tails = new Map<string, Promise<void>>()
  readonly #holders = new Map<string, string>()

  /** What the lock is held for now, as given by its holder; nothing when it is free. */
  holder(name: string): string | undefined {
    return this.#holders.get(name)
  }

  /**
   * Runs `work` when everyone who asked before has finished. `onWait` is told, once, what it waits for.
   * A failing `work` frees the lock like a successful one.
   */
  async with<T>(name: string, purpose: string, work: () => Promise<T>, onWait?: (heldFor: string) => void): Promise<T> {
    const release = await this.take(name, purpose, onWait)
    try {
      return await work()
    } finally {
      release()
    }
  }

  /** As {@link with} for holders that outlive a function (a working agent). The caller calls the result once. */
  async take(name: string, purpose: string, onWait?: (heldFor: string) => void): Promise<() => void> {
    const before = this.#tails.get(name)
    let open: () => void = () => undefined
    const mine = new Promise<void>((resolve) => {
      open = resolve
    })
    const tail = (before ?? Promise.resolve()).then(() => mine)
    this.#tails.set(name, tail)
    if (before) {
      onWait?.(this.#holders.get(name) ?? 'another operation')
      await before
    }
    this.#holders.set(name, purpose)
    let released = false
    return () => {
      if (released) return
      released = true
      this.#holders.delete(name)
      if (this.#tails.get(name) === tail) this.#tails.delete(name)
      open()
    }
  }
}
