/** Runs tasks one after another, in the order given. A task that fails does not stop the next; its own promise rejects. */
export class SerialQueue {
  #tail: Promise<unknown> = Promise.resolve()

  run<T>(task: () => Promise<T> | T): Promise<T> {
    const result = this.#tail.then(task)
    this.#tail = result.catch((error: unknown) => console.error('A replica task failed.', error))
    return result
  }
}
