/** Tells things one after the other: some need a look at git first, and what happened after them is told after them. */
export class Telling {
  #last: Promise<void> = Promise.resolve()

  /** Tells now, or when all before it is told. */
  tell(act: () => void): void {
    this.#last = this.#last.then(act)
  }

  /** Tells when `needed` is there. It must not fail. */
  tellWith<T>(needed: Promise<T>, act: (found: T) => void): void {
    this.#last = this.#last.then(async () => act(await needed))
  }

  /** Settles when everything so far is told. */
  told(): Promise<void> {
    return this.#last
  }
}
