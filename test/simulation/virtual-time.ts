import type { Scheduler } from './scheduler.ts'

interface Timer {
  readonly id: number
  readonly actor: string
  readonly every: number | undefined
  due: number
  readonly code: () => void
}

/** What `setTimeout` gives in Node, as far as anybody uses it. */
class Handle {
  readonly id: number
  constructor(id: number) {
    this.id = id
  }
  ref(): this {
    return this
  }
  unref(): this {
    return this
  }
  hasRef(): boolean {
    return false
  }
}

type Globals = Record<string, unknown>

/**
 * Time that stands still until a timer's turn comes, and then jumps to it. While it is installed, timers, clocks and random
 * numbers of all code in this process come from here. Timers belong to the actor that set them and go when it crashes.
 */
export class VirtualTime {
  readonly #scheduler: Scheduler
  readonly #random: () => number
  readonly #timers = new Map<number, Timer>()
  #immediates: { readonly actor: string; readonly code: () => void }[] = []
  #next = 1
  #now = 1_700_000_000_000
  /** How far each actor's clock is off, milliseconds. */
  readonly skew = new Map<string, number>()

  constructor(scheduler: Scheduler, random: () => number) {
    this.#scheduler = scheduler
    this.#random = random
    scheduler.add({
      ready: () => this.#immediates[0] && { actor: this.#immediates[0].actor, what: 'goes on' },
      happen: () => this.#immediates.shift()?.code(),
    })
    scheduler.add({
      slow: true,
      ready: () => {
        const timer = this.#earliest()
        return timer && { actor: timer.actor, what: 'timer' }
      },
      happen: () => this.#fire(),
    })
  }

  #fire(): void {
    const timer = this.#earliest()
    if (!timer) return
    this.#now = Math.max(this.#now, timer.due)
    if (timer.every === undefined) this.#timers.delete(timer.id)
    else timer.due = this.#now + timer.every
    timer.code()
  }

  /** Forgets the timers of an actor that is gone. */
  stop(actor: string): void {
    this.#immediates = this.#immediates.filter((one) => one.actor !== actor)
    for (const [id, timer] of this.#timers) if (timer.actor === actor) this.#timers.delete(id)
  }

  /** Replaces the process's timers, clocks and random numbers. Gives what puts them back. */
  install(): () => void {
    const globals = globalThis as unknown as Globals
    const names = ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate', 'clearImmediate']
    const before = names.map((name) => [name, globals[name]] as const)
    const [dateNow, performanceNow, mathRandom] = [Date.now, performance.now, Math.random]
    const set =
      (repeats: boolean) =>
      (code: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) =>
        this.#set(() => code(...args), Math.max(0, Math.round(ms)), repeats)
    const clear = (handle: Handle | undefined): void => {
      if (handle) this.#timers.delete(handle.id)
    }
    Object.assign(globals, {
      setTimeout: set(false),
      setInterval: set(true),
      setImmediate: (code: (...args: unknown[]) => void, ...args: unknown[]) => {
        this.#immediates.push({ actor: this.#scheduler.actor, code: () => code(...args) })
      },
      clearTimeout: clear,
      clearInterval: clear,
      clearImmediate: clear,
    })
    Date.now = () => this.#now + (this.skew.get(this.#scheduler.actor) ?? 0)
    performance.now = () => this.#now
    Math.random = this.#random
    const fill = <T extends ArrayBufferView | null>(array: T): T => {
      if (array instanceof Uint8Array) for (let at = 0; at < array.length; at += 1) array[at] = this.#random() * 256
      return array
    }
    Object.defineProperty(globalThis.crypto, 'getRandomValues', { value: fill, configurable: true })
    return () => {
      for (const [name, value] of before) globals[name] = value
      Date.now = dateNow
      performance.now = performanceNow
      Math.random = mathRandom
      Reflect.deleteProperty(globalThis.crypto, 'getRandomValues')
    }
  }

  #set(code: () => void, ms: number, repeats: boolean): Handle {
    const id = this.#next
    this.#next += 1
    const actor = this.#scheduler.actor
    this.#timers.set(id, { id, actor, code, due: this.#now + ms, every: repeats ? Math.max(1, ms) : undefined })
    return new Handle(id)
  }

  #earliest(): Timer | undefined {
    let earliest: Timer | undefined
    for (const timer of this.#timers.values())
      if (!earliest || timer.due < earliest.due || (timer.due === earliest.due && timer.id < earliest.id))
        earliest = timer
    return earliest
  }
}
