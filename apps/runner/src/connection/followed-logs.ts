import { evolve, initialState } from '@coppice/events'
import type { LogId, RecordedEvent, StreamId, StreamState } from '@coppice/events'
import type { EventsMessage, LogAccess } from '@coppice/protocol'

type Followed = { epoch: string; position: number; head: number; readonly states: Map<StreamId, StreamState> }

/** Who is told of what happens in the logs, in their order. */
export type LogListener = {
  /** An event with the state of its stream after it. `past`: it was there before this process had caught up. */
  event(event: RecordedEvent, state: StreamState, past: boolean): void
  /** A batch is through and the log is caught up: now is the time to act on its states. */
  settled(log: LogId): void
}

/** The logs a runner follows, each folded into the states of its streams. Acting is someone else's: this has no side effects. */
export class FollowedLogs {
  readonly #logs = new Map<LogId, Followed>()
  readonly #listener: LogListener

  constructor(listener: LogListener) {
    this.#listener = listener
  }

  /** Where to go on, for each log that may be read; logs that may no longer be are forgotten. */
  subscriptions(access: readonly LogAccess[]): { log: LogId; epoch: string; position: number }[] {
    const readable = new Set(access.map((one) => one.log))
    for (const log of this.#logs.keys()) if (!readable.has(log)) this.#logs.delete(log)
    return access.map((one) => {
      const log = one.log as LogId
      const known = this.#logs.get(log)
      if (known) known.head = Math.max(known.head, one.head)
      else this.#logs.set(log, { epoch: '', position: 0, head: one.head, states: new Map() })
      return { log, epoch: known?.epoch ?? '', position: known?.position ?? 0 }
    })
  }

  has(log: LogId): boolean {
    return this.#logs.has(log)
  }

  /** The server's copy is another one: begin again. */
  reset(log: LogId, head: number): void {
    this.#logs.set(log, { epoch: '', position: 0, head, states: new Map() })
  }

  /** Folds a batch. @returns false if it does not fit where we stand; then the log is to be subscribed to again. */
  apply(message: EventsMessage): boolean {
    const log = message.log as LogId
    const followed = this.#logs.get(log)
    if (!followed) return true
    if (message.from !== followed.position) return message.to <= followed.position
    followed.epoch = message.epoch
    for (const event of message.events) {
      const before = followed.states.get(event.stream) ?? initialState(event.log, event.stream)
      if (!before) continue
      const after = evolve(before, event)
      followed.states.set(event.stream, after)
      this.#listener.event(event, after, event.position <= followed.head)
    }
    followed.position = message.to
    if (followed.position >= followed.head) this.#listener.settled(log)
    return true
  }

  /** Logs that are caught up with where they were when we connected. */
  caughtUp(log: LogId): boolean {
    const followed = this.#logs.get(log)
    return followed !== undefined && followed.position >= followed.head
  }

  get logs(): Iterable<LogId> {
    return this.#logs.keys()
  }

  state(log: LogId, stream: StreamId): StreamState | undefined {
    return this.#logs.get(log)?.states.get(stream)
  }

  streams(log: LogId): Iterable<[StreamId, StreamState]> {
    return this.#logs.get(log)?.states ?? []
  }
}
