/** Tells things one after the other: some need a look at git first, and what happened after them is told after them. */
export class Telling {
  readonly #failed: (error: unknown) => void
  #last: Promise<void> = Promise.resolve()

  /** @param failed is told of what could not be told; what comes after it is told all the same. */
  constructor(failed: (error: unknown) => void) {
    this.#failed = failed
  }

  /** Tells now, or when all before it is told. */
  tell(act: () => void): void {
    this.#last = this.#last.then(act).catch(this.#failed)
  }

  /** Tells when `needed` is there; nothing, if it fails. */
  tellWith<T>(needed: Promise<T>, act: (found: T) => void): void {
    // Both at once: a failure of `needed` must have a listener while it waits for its place.
    const both = Promise.allSettled([needed, this.#last])
    this.#last = both.then(() => needed.then(act)).catch(this.#failed)
  }

  /** Settles when everything so far is told; never fails. */
  told(): Promise<void> {
    return this.#last
  }
}
