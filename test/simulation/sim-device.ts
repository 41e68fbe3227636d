import type { Scheduler } from './scheduler.ts'

/**
 * A device's way to what it keeps. Each write is a step of its own, taken when the scheduler says so: a browser may die before
 * any of them. Writes to one thing are done in the order they were asked for.
 */
export class SimDevice {
  readonly #actor: string
  readonly #scheduler: Scheduler
  readonly #removes: (() => void)[] = []

  constructor(actor: string, scheduler: Scheduler) {
    this.#actor = actor
    this.#scheduler = scheduler
  }

  /** The same thing, with writes that take a step each. */
  writing<T extends object>(target: T, writes: readonly (keyof T & string)[]): T {
    const asked: { readonly what: string; readonly write: () => Promise<void> }[] = []
    this.#removes.push(
      this.#scheduler.add({
        ready: () => asked[0] && { actor: this.#actor, what: `device does ${asked[0].what}` },
        happen: () => asked.shift()?.write(),
      }),
    )
    return new Proxy(target, {
      get: (_target, name) => {
        const value: unknown = Reflect.get(target, name)
        if (typeof value !== 'function') return value
        const call = (...args: unknown[]): unknown => Reflect.apply(value, target, args)
        const what = String(name)
        if (!(writes as readonly string[]).includes(what)) return call
        return (...args: unknown[]) =>
          new Promise((resolve, reject) => {
            const write = async (): Promise<void> => Promise.resolve(call(...args)).then(resolve, reject)
            asked.push({ what, write })
          })
      },
    })
  }

  /** The browser dies: what was asked for and is not done never is, and nobody is there to hear of it. */
  crash(): void {
    for (const remove of this.#removes.splice(0)) remove()
  }
}
