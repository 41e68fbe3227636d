import { newId } from '@coppice/events'
import type { DraftEvent, LogId } from '@coppice/events'
import type { FromClient, Observed } from '@coppice/protocol'
import type { Orphans } from '../leases/orphans.ts'
import type { Spool } from './spool.ts'

type Observe = Extract<FromClient, { t: 'observe' }>
/** What waits on the disk, and what is kept there of sessions that were taken over. */
type Waiting = Pick<Spool, 'events' | 'waiting' | 'settle'>
type Kept = Pick<Orphans, 'keep'>

/** Sends what waits in the spool: one batch of a log at a time, so that order is kept; and takes what the server says to it. */
export class Outgoing {
  readonly #spool: Waiting
  readonly #orphans: Kept
  readonly #send: (message: Observe) => void
  readonly #say: (line: string) => void
  readonly #batches = new Map<string, { readonly log: LogId; readonly ids: readonly string[] }>()
  readonly #sending = new Set<string>()
  /** What an earlier process saw and could not send: until the logs have it, they do not say how things stand. */
  readonly #unsent: Map<string, string>
  #producer: { readonly id: string; readonly epoch: number } | undefined
  #seq = 0

  constructor(of: { spool: Waiting; orphans: Kept; send(message: Observe): void; say(line: string): void }) {
    this.#spool = of.spool
    this.#orphans = of.orphans
    this.#send = (message) => of.send(message)
    this.#say = (line) => of.say(line)
    this.#unsent = new Map(of.spool.events.map(({ id, log }) => [id, log]))
  }

  /** There is a new connection, under this epoch; or none. What was not answered is offered again. */
  connected(producer: { readonly id: string; readonly epoch: number } | undefined): void {
    this.#producer = producer
    this.#seq = 0
    this.#sending.clear()
    this.#batches.clear()
  }

  /** Whether all that earlier processes saw in a log has been answered. */
  isComplete(log: LogId): boolean {
    return ![...this.#unsent.values()].includes(log)
  }

  drain(logs: Iterable<LogId>): void {
    const producer = this.#producer
    if (!producer) return
    const idle = new Set([...logs].filter((log) => !this.#sending.has(log)))
    for (const [log, events] of this.#spool.waiting(idle)) {
      const batch = newId()
      this.#batches.set(batch, { log: log as LogId, ids: events.map((event) => event.id) })
      this.#sending.add(log)
      const stamped = events.map((event): DraftEvent => ({
        ...event,
        producer: { ...event.producer, ...producer, seq: (this.#seq += 1) },
      }))
      this.#send({ t: 'observe', batch, log, events: stamped })
    }
  }

  /**
   * The server's answer to a batch.
   * @returns `fenced` where who speaks for this runner must be settled anew; else the log, and whether it should be looked at
   */
  answered(message: Observed): 'fenced' | { readonly log: LogId; readonly look: boolean } | undefined {
    const batch = this.#batches.get(message.batch)
    if (!batch) return undefined
    const { log, ids } = batch
    this.#batches.delete(message.batch)
    if (message.refusal?.code === 'fenced') return 'fenced'
    const rejected = new Map(message.rejected.map((one) => [one.id, one.refusal]))
    for (const event of this.#spool.events) if (rejected.get(event.id)?.code === 'fenced') this.#orphans.keep(event)
    for (const [id, refusal] of rejected) this.#say(`The server did not take event ${id}: ${refusal.message}`)
    if (message.refusal) this.#say(`The server did not take ${ids.length} event(s): ${message.refusal.message}`)
    this.#spool.settle(new Set(ids.filter((id) => !message.refusal && !rejected.has(id))), true)
    this.#spool.settle(new Set(ids), false)
    this.#sending.delete(log)
    const waited = ids.filter((id) => this.#unsent.delete(id)).length > 0
    return { log, look: waited || [...rejected.values()].some(({ code }) => code === 'fenced') }
  }
}
