import { Listeners, type Bus } from '../../apps/sync/src/bus/bus.ts'
import type { Scheduler } from './scheduler.ts'

/** What servers tell each other. A text arrives at each of them in its own time, or is lost. */
export class SimExchange {
  readonly #scheduler: Scheduler
  readonly #ends = new Set<SimBus>()

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler
  }

  join(actor: string): SimBus {
    const bus = new SimBus(actor, this.#scheduler, (topic, text) => {
      for (const end of this.#ends) end.receive(topic, text)
    })
    this.#ends.add(bus)
    return bus
  }

  leave(bus: SimBus): void {
    this.#ends.delete(bus)
    bus.stop()
  }
}

class SimBus implements Bus {
  readonly #listeners = new Listeners()
  readonly #queue: [string, string][] = []
  readonly #scheduler: Scheduler
  readonly #publish: (topic: string, text: string) => void
  readonly stop: () => void

  constructor(actor: string, scheduler: Scheduler, publish: (topic: string, text: string) => void) {
    this.#scheduler = scheduler
    this.#publish = publish
    this.stop = scheduler.add({
      ready: () => (this.#queue.length > 0 ? { actor, what: 'hears from servers' } : undefined),
      happen: () => {
        const [topic, text] = this.#queue.shift() ?? ['', '']
        this.#listeners.tell(topic, text)
      },
    })
  }

  publish(topic: string, text: string): void {
    this.#publish(topic, text)
  }

  receive(topic: string, text: string): void {
    if (!this.#scheduler.chance(0.2)) this.#queue.push([topic, text])
  }

  listen(topic: string, listener: (text: string) => void): void {
    this.#listeners.add(topic, listener)
  }

  onConnect(): void {
    return undefined
  }

  async close(): Promise<void> {
    this.stop()
  }
}
export type { SimBus }
