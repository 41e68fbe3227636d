import type { Actor } from '../actor.ts'
import type { Command } from '../command.ts'
import { decide, evolve, initialState, parseObservation, type StreamState } from '../domain.ts'
import type { DraftEvent, RecordedEvent } from '../envelope.ts'
import type { LogId, StreamId } from '../ids.ts'
import { isRefusal, type Refusal } from '../refusal.ts'

/** A log in memory that decides with the real deciders: the model that storage and sync are tested against. */
export class MemoryLog {
  readonly events: RecordedEvent[] = []
  readonly #states = new Map<string, StreamState>()
  readonly #receipts = new Map<string, readonly RecordedEvent[] | Refusal>()
  #clock = 1_700_000_000_000

  /** Decides and appends; the same command again gives the same answer. */
  push(command: Command, actor: Actor): readonly RecordedEvent[] | Refusal {
    const known = this.#receipts.get(command.id)
    if (known) return known
    const state = this.state(command.log, command.stream)
    const decision = decide(command, state, { actor, now: this.#tick() })
    const receipt = isRefusal(decision) ? decision : decision.map((event) => this.#append(event))
    this.#receipts.set(command.id, receipt)
    return receipt
  }

  /** Appends a fact of a runner. */
  observe(event: DraftEvent): RecordedEvent | Refusal {
    const parsed = parseObservation({ producer: { id: 'runner', epoch: 1, seq: this.events.length }, ...event })
    return isRefusal(parsed) ? parsed : this.#append(parsed)
  }

  /** Takes over an event as another log recorded it: this log then stands where that one stood. */
  restore(event: RecordedEvent): void {
    this.#states.set(`${event.log} ${event.stream}`, evolve(this.state(event.log, event.stream), event))
    this.events.push(event)
    this.#clock = Math.max(this.#clock, event.recordedAt)
  }

  state(log: LogId, stream: StreamId): StreamState {
    const state = this.#states.get(`${log} ${stream}`) ?? initialState(log, stream)
    if (!state) throw new Error(`Stream ${stream} has no place in log ${log}.`)
    return state
  }

  #append(event: DraftEvent): RecordedEvent {
    const recorded: RecordedEvent = {
      ...event,
      position: this.events.length + 1,
      streamVersion: this.events.filter((one) => one.stream === event.stream).length + 1,
      recordedAt: this.#tick(),
    }
    this.#states.set(`${event.log} ${event.stream}`, evolve(this.state(event.log, event.stream), recorded))
    this.events.push(recorded)
    return recorded
  }

  #tick(): number {
    this.#clock += 10
    return this.#clock
  }
}
