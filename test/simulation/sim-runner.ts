import type { DraftEvent } from '@coppice/events'
import type { ClientEnd } from './wires.ts'
import { RunnerProcess } from './sim-runner-process.ts'
import type { Scheduler } from './scheduler.ts'

/** What a runner's disk has: it outlives every process. */
export class RunnerDisk {
  /** Facts that the server has not answered for, oldest first. */
  spool: DraftEvent[] = []
  /** Facts that were refused because another runner had the session by then, and are not handed over yet. */
  orphans: DraftEvent[] = []

  has(eventId: string): boolean {
    return [...this.spool, ...this.orphans].some(({ id }) => id === eventId)
  }
}

/** A runner as an installation sees one: a disk, and one process after the other. */
export class SimRunner {
  readonly actor: string
  readonly id: string
  readonly disk = new RunnerDisk()
  /** Every fact of a session that it ever saw. */
  readonly seen = new Set<string>()
  /** Which facts an orphaned run is made of, by the id of the event that tells of it. */
  readonly handedOver = new Map<string, readonly string[]>()
  readonly #connect: () => ClientEnd
  #process: RunnerProcess | undefined

  constructor(of: { actor: string; id: string; connect: () => ClientEnd }) {
    this.actor = of.actor
    this.id = of.id
    this.#connect = of.connect
  }

  /** The sessions in which an agent of it is at work. */
  get working(): Iterable<string> {
    return this.#process?.working.keys() ?? []
  }

  get running(): boolean {
    return this.#process !== undefined
  }

  start(): void {
    this.#process = new RunnerProcess({
      id: this.id,
      actor: this.actor,
      disk: this.disk,
      connect: this.#connect,
      saw: (event) => this.seen.add(event.id),
      handedOver: (eventId, facts) => this.handedOver.set(eventId, facts),
    })
  }

  crash(): void {
    this.#process?.kill()
    this.#process = undefined
  }

  /** An agent says something, or comes to the end of its turn. */
  see(scheduler: Scheduler): void {
    this.#process?.see(scheduler)
  }
}
