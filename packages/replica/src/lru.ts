/**
 * A map that keeps at least the `limit` / 2 entries used last, and at most `limit`. The older half goes at once: taking
 * entries out of a map one by one costs more than all else that is done with it.
 */
export class LruMap<K, V> {
  #newer = new Map<K, V>()
  #older = new Map<K, V>()
  readonly #limit: number

  constructor(limit: number) {
    this.#limit = limit
  }

  has(key: K): boolean {
    return this.#newer.has(key) || this.#older.has(key)
  }

  get(key: K): V | undefined {
    const value = this.#newer.get(key)
    if (value !== undefined) return value
    const older = this.#older.get(key)
    if (older !== undefined) this.set(key, older)
    return older
  }

  set(key: K, value: V): void {
    this.#newer.set(key, value)
    if (this.#newer.size < this.#limit / 2) return
    this.#older = this.#newer
    this.#newer = new Map()
  }

  delete(key: K): void {
    this.#newer.delete(key)
    this.#older.delete(key)
  }

  clear(): void {
    this.#newer.clear()
    this.#older.clear()
  }
}
