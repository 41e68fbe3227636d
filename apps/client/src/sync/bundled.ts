/** What is told more often than this is told together: lists are not drawn faster than anybody sees. */
const BUNDLE_MS = 50

/**
 * Changes of tables, told at once where it has been quiet, so that a click is seen in its own frame, and bundled where they
 * come in a stream, so that a replica that catches up leaves the page its time.
 */
export class Bundled {
  readonly #tell: (tables: ReadonlySet<string>) => void
  #waiting = new Set<string>()
  #timer: ReturnType<typeof setTimeout> | undefined
  #last = -Infinity

  constructor(tell: (tables: ReadonlySet<string>) => void) {
    this.#tell = tell
  }

  readonly take = (changed: ReadonlyMap<string, unknown>): void => {
    for (const table of changed.keys()) this.#waiting.add(table)
    if (this.#timer !== undefined) return
    const wait = this.#last + BUNDLE_MS - performance.now()
    if (wait <= 0) this.#flush()
    else this.#timer = setTimeout(this.#flush, wait)
  }

  close(): void {
    clearTimeout(this.#timer)
  }

  readonly #flush = (): void => {
    this.#timer = undefined
    const tables = this.#waiting
    this.#waiting = new Set()
    this.#tell(tables)
    // From the end of it: where telling takes long, the page still gets as much time for everything else.
    this.#last = performance.now()
  }
}
