/**
 * A map that keeps what was used last and lets the rest go. Two generations: when the younger is full it becomes the
 * older, and what nobody asked for in a whole generation is gone. No entry is ever deleted singly, which a JavaScript
 * map punishes: looking for its oldest entry walks over all that were deleted before.
 */
export class RecentMap<K, V> {
  readonly #generation: number
  #younger = new Map<K, V>()
  #older = new Map<K, V>()

  /** @param size entries it holds at most; it may let go after half of that. */
  constructor(size: number) {
    this.#generation = Math.ceil(size / 2)
  }

  get(key: K): V | undefined {
    const value = this.#younger.get(key)
    if (value !== undefined) return value
    const older = this.#older.get(key)
    if (older !== undefined) this.set(key, older)
    return older
  }

  set(key: K, value: V): void {
    this.#younger.set(key, value)
    if (this.#younger.size < this.#generation) return
    this.#older = this.#younger
    this.#younger = new Map()
  }

  clear(): void {
    this.#younger = new Map()
    this.#older = new Map()
  }
}
