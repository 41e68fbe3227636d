import {
  decide,
  isRefusal,
  parseEvent,
  refuse,
  type DraftEvent,
  type LogId,
  type Refusal,
  type StreamId,
} from '@coppice/events'
import { fencedCommand, fencedFact } from '../access/lease-fence.ts'
import { authorise, authoriseObservation, type Membership } from '../access/authorise.ts'
import { actorOf, type Principal, type Sender } from '../principal.ts'
import type { Batch } from './batch.ts'
import type { CommandJob, Job, ObservationJob } from './job.ts'
import { tooOld } from './receipt-life.ts'
import { conflict, type Answered, type Outcome } from './receipt.ts'
import type { Held } from './stream-states.ts'
import { contentOf } from './stored-event.ts'

/** What deciding needs from the rest of the server. */
export interface DecidingContext {
  now(): number
  /** What is known of the sender in this log; `held` sees what this batch has changed already. */
  membership(sender: Sender, held: (stream: StreamId) => Held | undefined): Membership
  /** The epoch that a runner's observations must carry. */
  producerEpoch(runnerId: string): number | undefined
}

/** The log as it will be when all that is on its way to disk has arrived. */
export interface LogAhead {
  held(stream: StreamId): Held | undefined
  answered(commandId: string): Answered | undefined
  /** What the event of that id said, if the id is known to be taken. */
  contentOf(eventId: string): string | undefined
  /** The batch on whose storing an answer waits; undefined when it is on disk. */
  answering(commandId: string): Batch | undefined
}

/** Decides jobs into a batch, one after the other. Everything they look at is in memory: nothing here waits. */
export class JobDecider {
  readonly #log: LogId
  readonly #context: DecidingContext
  readonly #ahead: LogAhead
  #lastRecordedAt = 0

  constructor(log: LogId, context: DecidingContext, ahead: LogAhead) {
    this.#log = log
    this.#context = context
    this.#ahead = ahead
  }

  stage(job: Job, batch: Batch): void {
    if (job.kind === 'command') this.#stageCommand(job, batch)
    else this.#stageObservations(job, batch)
  }

  #stageCommand(job: CommandJob, batch: Batch): void {
    const { command, content } = job
    const before = this.#ahead.answered(command.id)
    if (before !== undefined) {
      const outcome = before.content === content ? before.outcome : conflict(command.id)
      const settle = (): void => job.done(outcome)
      // The first may still be on its way to disk: the repeat is answered when that is there, not before.
      const first = this.#ahead.answering(command.id)
      if (first === undefined) return settle()
      first.jobs.push(job)
      first.settlements.push(settle)
      return
    }
    const decision = this.#decide(job)
    let outcome: Outcome
    if (isRefusal(decision)) {
      outcome = { kind: 'refused', refusal: decision }
    } else {
      const from = batch.to + 1
      this.#add(batch, decision)
      outcome = { kind: 'accepted', from, to: batch.to }
    }
    batch.answer(command.id, { content, outcome })
    batch.jobs.push(job)
    batch.settlements.push(() => job.done(outcome))
  }

  #decide({ command, sender }: CommandJob): readonly DraftEvent[] | Refusal {
    const late = tooOld(command, this.#now())
    if (late) return late
    const membership = this.#context.membership(sender, (stream) => this.#ahead.held(stream))
    const forbidden = authorise(command, sender, membership)
    if (forbidden) return forbidden
    if (command.dependsOn?.some((id) => this.#ahead.answered(id)?.outcome.kind === 'refused'))
      return refuse('dependency_refused', 'Something this was built on was refused, so this was not done either.')
    const held = this.#ahead.held(command.stream)
    if (held === undefined) return refuse('invalid', noSuchStream(command))
    const fenced = sender.kind === 'runner' && fencedCommand(command, sender.id, held.state, membership.runnerId ?? '')
    if (fenced) return fenced
    const decision = decide(command, held.state, { actor: actorOf(sender), now: this.#now() })
    return isRefusal(decision) ? decision : decision.map(parseEvent)
  }

  #stageObservations(job: ObservationJob, batch: Batch): void {
    const epoch = this.#context.producerEpoch(job.runner.id)
    if (job.events.some((event) => event.producer?.id !== job.runner.id || event.producer.epoch !== epoch)) {
      job.done({ refusal: refuse('fenced', fencedMessage(job.runner.id)), rejected: [] })
      return
    }
    const membership = this.#context.membership(job.runner, (stream) => this.#ahead.held(stream))
    const rejected = [...job.rejected]
    for (const event of job.events) {
      const verdict = this.#judge(event, job.runner, membership)
      if (verdict === 'new') this.#add(batch, [event])
      else if (verdict !== 'repeat') rejected.push({ id: event.id, refusal: verdict })
    }
    batch.jobs.push(job)
    batch.settlements.push(() => job.done({ rejected }))
  }

  #judge(event: DraftEvent, runner: Principal, membership: Membership): 'new' | 'repeat' | Refusal {
    const forbidden = authoriseObservation(event, runner, membership)
    if (forbidden) return forbidden
    const held = this.#ahead.held(event.stream)
    if (held === undefined) return refuse('invalid', noSuchStream(event))
    const taken = this.#ahead.contentOf(event.id)
    // What was stored before the session changed hands is a repeat, not an orphan: that shows when the store is asked.
    if (taken === undefined) return fencedFact(event, runner.id, held.state, membership.runnerId ?? '') ?? 'new'
    return taken === contentOf(event)
      ? 'repeat'
      : refuse('conflict', `Event ${event.id} is in the log already, with other content.`)
  }

  #add(batch: Batch, events: readonly DraftEvent[]): void {
    const recordedAt = this.#now()
    for (const event of events) {
      const held = this.#ahead.held(event.stream)
      if (held === undefined) throw new Error(`stream ${event.stream} of ${this.#log} was not loaded before deciding`)
      batch.add(event, held, recordedAt)
    }
  }

  /** What another server recorded counts, too, for a clock that never goes back. */
  recordedAt(time: number): void {
    this.#lastRecordedAt = Math.max(this.#lastRecordedAt, time)
  }

  /** Never earlier than before, whatever the machine's clock does. */
  #now(): number {
    this.#lastRecordedAt = Math.max(this.#lastRecordedAt, this.#context.now())
    return this.#lastRecordedAt
  }
}

const noSuchStream = ({ stream, log }: { stream: StreamId; log: LogId }): string =>
  `There is no stream ${stream} in log ${log}.`

const fencedMessage = (runnerId: string): string =>
  `Another process of runner ${runnerId} has taken over. Nothing of this batch was stored. Stop this process; what it still holds it must keep.`
