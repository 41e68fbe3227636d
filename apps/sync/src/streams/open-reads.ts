import { LIMITS } from '../limits.ts'

/** How many live reads each reader has open. */
export class OpenReads {
  readonly #open = new Map<string, number>()

  /** Counts one more; gives what counts it off again (once), or undefined if there are too many. */
  enter(reader: string): (() => void) | undefined {
    const open = this.#open.get(reader) ?? 0
    if (open >= LIMITS.streamReads) return undefined
    this.#open.set(reader, open + 1)
    let left = false
    return () => {
      if (left) return
      left = true
      const now = (this.#open.get(reader) ?? 1) - 1
      if (now === 0) this.#open.delete(reader)
      else this.#open.set(reader, now)
    }
  }
}
