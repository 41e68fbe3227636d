/** A set of callbacks. One that throws is reported and does not keep the others from being called. */
export class Listeners<T> {
  readonly #all = new Set<(value: T) => void>()

  add(listener: (value: T) => void): () => void {
    this.#all.add(listener)
    return () => this.#all.delete(listener)
  }

  tell(value: T): void {
    for (const listener of this.#all) {
      try {
        listener(value)
      } catch (error) {
        console.error('A listener of the replica failed.', error)
      }
    }
  }
}
