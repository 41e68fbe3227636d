/** Runs tasks one after another. A task that fails does not stop the next; its own promise rejects. */
export class SerialQueue {
  readonly #waiting: (() => Promise<void>)[] = []
  readonly #first: (() => Promise<void>)[] = []
  #running = false

  /** After all that was given before it. */
  run<T>(task: () => Promise<T> | T): Promise<T> {
    return this.#add(this.#waiting, task)
  }

  /** After what is running and what was given here before it: what somebody waits for does not stand behind a crowd. */
  runFirst<T>(task: () => Promise<T> | T): Promise<T> {
    return this.#add(this.#first, task)
  }

  #add<T>(lane: (() => Promise<void>)[], task: () => Promise<T> | T): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    lane.push(async () => {
      try {
        resolve(await task())
      } catch (error) {
        console.error('A replica task failed.', error)
        reject(error instanceof Error ? error : new Error(String(error)))
      }
    })
    if (!this.#running) void this.#runAll()
    return promise
  }

  async #runAll(): Promise<void> {
    this.#running = true
    // A task begins only when whoever gave it has finished what it was doing.
    await Promise.resolve()
    for (;;) {
      const next = this.#first.shift() ?? this.#waiting.shift()
      if (next === undefined) break
      await next()
    }
    this.#running = false
  }
}
