import { evolve, type DraftEvent, type RecordedEvent, type StreamId } from '@coppice/events'
import type { EventRow, ReceiptRow } from '../store/event-store.ts'
import { LIMITS } from '../limits.ts'
import type { Job } from './job.ts'
import type { Answered } from './receipt.ts'
import type { Held } from './stream-states.ts'
import { bodyOf, recordedAs } from './stored-event.ts'

/** What goes to disk together: decided, but true only once it is stored. Thrown away whole if it cannot be. */
export class Batch {
  readonly jobs: Job[] = []
  readonly events: RecordedEvent[] = []
  readonly rows: EventRow[] = []
  /** Answers to commands that made no event; the others' stand with their first event. */
  readonly receipts: ReceiptRow[] = []
  /** Commands that made events. */
  readonly commandIds: string[] = []
  readonly answers = new Map<string, Answered>()
  readonly eventIds = new Set<string>()
  /** The producers whose facts are in it, with their epochs. */
  readonly producers = new Map<string, number>()
  /** States as they will be when this is stored. */
  readonly states = new Map<StreamId, Held>()
  /** To be called when it is stored. */
  readonly settlements: (() => void)[] = []
  readonly from: number
  readonly #bodies: string[] = []
  #bytes = 0

  /** @param from the log's head when this batch is its turn. */
  constructor(from: number) {
    this.from = from
  }

  get to(): number {
    return this.from + this.events.length
  }

  /** The events' bodies with a comma between: as they are stored, and as subscribers get them. */
  bodies(): Buffer {
    return Buffer.from(this.#bodies.join(','))
  }

  /** The events' bodies, one by one. */
  get texts(): readonly string[] {
    return this.#bodies
  }

  /** {@link producers} as the store wants them. */
  producersText(): string {
    return JSON.stringify([...this.producers].map(([i, e]) => ({ i, e })))
  }

  get empty(): boolean {
    return this.jobs.length === 0
  }

  get full(): boolean {
    return this.events.length >= LIMITS.commitEvents || this.#bytes >= LIMITS.commitBytes
  }

  /** Gives an event its place at the end and folds it into its stream's state. */
  add(draft: DraftEvent, held: Held, recordedAt: number): Held {
    const event = recordedAs(draft, { position: this.to + 1, streamVersion: held.version + 1, recordedAt })
    const body = bodyOf(event)
    const next = { state: evolve(held.state, event), version: event.streamVersion }
    this.events.push(event)
    const l = Buffer.byteLength(body)
    this.rows.push({ p: event.position, i: event.id, s: event.stream, v: event.streamVersion, o: this.#bytes + 1, l })
    this.#bodies.push(body)
    this.eventIds.add(event.id)
    if (event.producer) this.producers.set(event.producer.id, event.producer.epoch)
    this.states.set(event.stream, next)
    // One more for the comma.
    this.#bytes += l + 1
    return next
  }

  answer(commandId: string, answered: Answered): void {
    const { content, outcome } = answered
    this.answers.set(commandId, answered)
    const first = outcome.kind === 'accepted' ? this.rows[outcome.from - this.from - 1] : undefined
    if (outcome.kind === 'accepted' && first) {
      first.h = content
      first.n = outcome.to - outcome.from + 1
      this.commandIds.push(commandId)
    } else {
      const refusal = outcome.kind === 'refused' ? JSON.stringify(outcome.refusal) : null
      this.receipts.push({ c: commandId, h: content, p: this.to, r: refusal })
    }
  }
}
