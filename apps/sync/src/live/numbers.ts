import { LIVE_NUMBERS } from '@coppice/protocol'

/** Gives out small numbers, each to one holder at a time; the smallest are given first, because they are the shortest. */
export class Numbers {
  readonly #free: number[] = []
  #next = 0

  /** Undefined when all are taken. */
  take(): number | undefined {
    const again = this.#free.pop()
    if (again !== undefined) return again
    if (this.#next >= LIVE_NUMBERS) return undefined
    this.#next += 1
    return this.#next - 1
  }

  free(n: number | undefined): void {
    if (n === undefined) return
    // Few are free at a time, and nearly always the new one belongs at the end: sorted is cheap.
    const at = this.#free.findLastIndex((other) => other > n)
    this.#free.splice(at + 1, 0, n)
  }
}
