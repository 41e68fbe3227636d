import {
  streamKind,
  type Command,
  type DraftEvent,
  type LogId,
  type RecordedEvent,
  type Refusal,
  type StreamId,
} from '@coppice/events'
import { LIMITS } from '../limits.ts'
import { actorOf, type Principal, type Sender } from '../principal.ts'
import type { AppendOutcome, StoredReceipt } from '../store/event-store.ts'
import type { RunningStore } from '../store/running-store.ts'
import { Batch } from './batch.ts'
import { JobDecider, type DecidingContext } from './job-decider.ts'
import type { Job, ObservedOutcome } from './job.ts'
import { contentHash, fromStored, type Answered, type Outcome, type RecentReceipts } from './receipt.ts'
import { StreamStates, type Held } from './stream-states.ts'
import { contentOf, readBody } from './stored-event.ts'

/** A log as it was found. */
export interface OpenedLog {
  readonly log: LogId
  readonly no: number
  readonly epoch: string
  readonly head: number
  /** When its last event was recorded; 0 while it is empty. */
  readonly recordedAt: number
}

/** A stored batch, told to whoever follows the log. */
export interface Commit {
  readonly log: LogId
  readonly epoch: string
  readonly from: number
  readonly to: number
  /** The events as they are stored, with a comma between. */
  readonly bodies: Buffer
  /** The same, one by one. */
  readonly texts: readonly string[]
  readonly events: readonly RecordedEvent[]
}

/** What a writer needs from the rest of the server. */
export interface WriterContext extends DecidingContext {
  readonly store: RunningStore
  readonly receipts: RecentReceipts
  /** Streams of this log that `membership` looks at. */
  readonly membershipStreams: readonly StreamId[]
  /** Asks the store for the epochs of these producers: another server has given a newer one. */
  refreshEpochs(producerIds: readonly string[]): Promise<void>
  /** @param by whether this server wrote it, or another one that shares the store. */
  committed(commit: Commit, by: 'us' | 'another'): void
}

/**
 * The one writer of a log. What arrives while a commit is on its way to disk is decided meanwhile, on top of it, and
 * stored with the next (group commit). Nobody is answered before the disk has it. If a commit cannot be stored as
 * decided, it and what was built on it are decided again.
 */
export class LogWriter {
  readonly log: LogId
  readonly no: number
  readonly epoch: string
  readonly #context: WriterContext
  readonly #states: StreamStates
  readonly #decider: JobDecider
  #head: number
  #incoming: Job[] = []
  #staging: Batch
  #storing: Batch | undefined
  /** Ids that are in the store already, with what they said; filled when the store finds a repeat. */
  readonly #storedEvents = new Map<string, string>()
  /** Commands whose receipts were looked for since the last commit: absent means never answered. */
  readonly #lookedUp = new Set<string>()
  #deciding = false
  #flushAsked = false
  #recovering = false
  #recoveries = 0
  /** How far other servers are known to have written. */
  #writtenTo = 0
  /** Those who wait until it was read that far. */
  #waiting: { resolve(): void; reject(error: Error): void }[] = []
  /** Gives the log's turn back, while this writer holds it. */
  #turn: (() => void) | undefined

  constructor(context: WriterContext, at: OpenedLog) {
    this.#context = context
    this.log = at.log
    this.no = at.no
    this.epoch = at.epoch
    this.#head = at.head
    this.#staging = new Batch(at.head)
    this.#states = new StreamStates(context.store, at.log, at.no)
    this.#decider = new JobDecider(at.log, context, {
      held: (stream) => this.#held(stream),
      answered: (commandId) => this.#answered(commandId),
      contentOf: (eventId) => this.#contentOf(eventId),
      answering: (commandId) => this.#onItsWay((batch) => batch.answers.has(commandId)),
    })
    this.#decider.recordedAt(at.recordedAt)
  }

  /** The position of the last event on disk. */
  get head(): number {
    return this.#head
  }

  /** Decides a command and settles when the outcome is on disk. Rejects if it cannot be stored: then nothing has happened. */
  submit(command: Command, sender: Sender): Promise<Outcome> {
    const content = contentHash(command, actorOf(sender))
    return new Promise((done, failed) => this.#enqueue({ kind: 'command', command, sender, content, done, failed }))
  }

  /** Appends a runner's facts and settles when they are on disk. */
  observe(
    events: readonly DraftEvent[],
    runner: Principal,
    rejected: readonly { id: string; refusal: Refusal }[],
  ): Promise<ObservedOutcome> {
    return new Promise((done, failed) =>
      this.#enqueue({ kind: 'observations', events, runner, rejected, done, failed }),
    )
  }

  /** Settles when all up to `position`, which another server may have written, was read and told to the followers. */
  reach(position: number): Promise<void> {
    if (this.#head >= position) return Promise.resolve()
    this.#writtenTo = Math.max(this.#writtenTo, position)
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject })
      this.#readOn()
    })
  }

  /** A stream's state as of the last commit. */
  async stateOf(stream: StreamId): Promise<Held | undefined> {
    return this.#states.peek(stream) ?? this.#states.load(stream)
  }

  #enqueue(job: Job): void {
    this.#incoming.push(job)
    void this.#decideIncoming()
  }

  async #decideIncoming(): Promise<void> {
    if (this.#deciding || this.#recovering) return
    this.#deciding = true
    try {
      while (!this.#recovering && !this.#staging.full) {
        const job = this.#incoming[0]
        if (job === undefined) break
        if (!this.#isPrepared(job)) {
          // While that waits a recovery may put other jobs in front: look at everything again.
          await this.#prepare(job)
          continue
        }
        this.#incoming.shift()
        this.#decider.stage(job, this.#staging)
      }
    } finally {
      this.#deciding = false
    }
    this.#askFlush()
  }

  #isPrepared(job: Job): boolean {
    return this.#missingStreams(job).length === 0 && this.#missingReceipts(job).length === 0
  }

  /** Brings into memory what deciding this job will look at. A job whose past cannot be read fails alone. */
  async #prepare(job: Job): Promise<void> {
    try {
      for (const stream of this.#missingStreams(job)) await this.#states.load(stream)
      const receipts = this.#missingReceipts(job)
      if (receipts.length > 0) this.#learnReceipts(receipts, await this.#context.store.findReceipts(receipts))
    } catch (error) {
      this.#incoming = this.#incoming.filter((one) => one !== job)
      job.failed(toError(error))
    }
  }

  #learnReceipts(asked: readonly string[], found: readonly StoredReceipt[]): void {
    for (const row of found) this.#context.receipts.set(row.commandId, fromStored(row))
    for (const id of asked) this.#lookedUp.add(id)
  }

  #missingStreams(job: Job): StreamId[] {
    const wanted = new Set(this.#context.membershipStreams)
    if (job.kind === 'command') wanted.add(job.command.stream)
    else for (const event of job.events) wanted.add(event.stream)
    // A stream that has no place in this log has nothing to load; deciding refuses it.
    return [...wanted].filter(
      (stream) => streamKind(this.log, stream) !== undefined && this.#held(stream) === undefined,
    )
  }

  #missingReceipts(job: Job): string[] {
    const builtOn = job.kind === 'command' ? (job.command.dependsOn ?? []) : []
    return builtOn.filter((id) => this.#answered(id) === undefined && !this.#lookedUp.has(id))
  }

  #held(stream: StreamId): Held | undefined {
    return this.#staging.states.get(stream) ?? this.#storing?.states.get(stream) ?? this.#states.peek(stream)
  }

  #answered(commandId: string): Answered | undefined {
    return (
      this.#onItsWay((batch) => batch.answers.has(commandId))?.answers.get(commandId) ??
      this.#context.receipts.get(commandId)
    )
  }

  /** What a stored event said, as far as it is known that the id is taken. */
  #contentOf(eventId: string): string | undefined {
    const onItsWay = this.#onItsWay((batch) => batch.eventIds.has(eventId))?.events.find((one) => one.id === eventId)
    return onItsWay ? contentOf(onItsWay) : this.#storedEvents.get(eventId)
  }

  #onItsWay(holds: (batch: Batch) => boolean): Batch | undefined {
    return [this.#staging, this.#storing].find((batch) => batch !== undefined && holds(batch))
  }

  /** On the next turn of the loop, so that what other sockets have already delivered comes along. */
  #askFlush(): void {
    if (this.#flushAsked) return
    if (this.#staging.empty) {
      // Nothing came of it: what was to be stored is stored already.
      if (this.#storing === undefined && !this.#deciding) this.#endTurn()
      return
    }
    this.#flushAsked = true
    setImmediate(() => {
      this.#flushAsked = false
      this.#flush()
    })
  }

  #flush(): void {
    const batch = this.#staging
    if (this.#storing !== undefined || this.#recovering || batch.empty) return
    this.#storing = batch
    this.#staging = new Batch(batch.to)
    this.#store(batch).catch((error: unknown) => this.#giveUp(toError(error)))
    void this.#decideIncoming()
  }

  async #store(batch: Batch): Promise<void> {
    // Only repeats in it: nothing to write, and what they repeat was stored before them.
    const bodies = batch.bodies()
    if (batch.rows.length > 0 || batch.receipts.length > 0) {
      const outcome = await this.#context.store.append({
        logNo: this.no,
        expectedHead: batch.from,
        count: batch.rows.length,
        events: JSON.stringify(batch.rows),
        bodies,
        receipts: JSON.stringify(batch.receipts),
        commandIds: batch.commandIds.join(','),
        producers: batch.producersText(),
        inTurn: this.#turn !== undefined,
      })
      if (outcome === 'fenced') await this.#context.refreshEpochs([...batch.producers.keys()])
      if (outcome !== 'stored') return this.#recover(outcome)
    }
    this.#commit(batch, bodies)
  }

  #commit(batch: Batch, bodies: Buffer): void {
    this.#head = batch.to
    for (const [stream, held] of batch.states) this.#states.set(stream, held)
    for (const [id, answered] of batch.answers) this.#context.receipts.set(id, answered)
    this.#storing = undefined
    this.#recoveries = 0
    this.#lookedUp.clear()
    this.#endTurn()
    // The receipts after the events: who pushed has, when the receipt comes, what it led to.
    if (batch.events.length > 0) {
      const { from, to, texts, events } = batch
      this.#context.committed({ log: this.log, epoch: this.epoch, from, to, bodies, texts, events }, 'us')
    }
    for (const settle of batch.settlements) settle()
    this.#flush()
    // While that was on its way another server may have written.
    this.#readOn()
  }

  /** Reads what other servers wrote, unless there is nothing, or a commit of ours is on its way: that comes back here. */
  #readOn(): void {
    if (this.#recovering || this.#storing !== undefined) return
    if (this.#head < this.#writtenTo) this.#recover('behind').catch((error: unknown) => this.#giveUp(toError(error)))
    else for (const { resolve } of this.#waiting.splice(0)) resolve()
  }

  /** A repeat, or another writer: learn what the store has, then decide everything unstored again, in order. */
  async #recover(reason: Exclude<AppendOutcome, 'stored'> | 'behind'): Promise<void> {
    this.#recovering = true
    if (reason !== 'behind') this.#recoveries += 1
    if (this.#recoveries > RECOVERIES_IN_A_ROW)
      throw new Error(`Log ${this.log} could not be appended to: ${reason} again and again.`)
    const jobs = this.#dropUnstored()
    this.#incoming = [...jobs, ...this.#incoming]
    if (reason === 'moved') {
      // Overtaken although it was our turn: the database took it back, after a pause of ours.
      this.#endTurn()
      this.#turn = await this.#context.store.takeTurn(this.no)
    }
    if (reason === 'moved' || reason === 'behind') await this.#catchUp()
    if (reason === 'taken') await this.#learnRepeats(jobs)
    this.#staging = new Batch(this.#head)
    this.#recovering = false
    await this.#decideIncoming()
    this.#askFlush()
    this.#readOn()
  }

  async #learnRepeats(jobs: readonly Job[]): Promise<void> {
    const commandIds = jobs.flatMap((job) => (job.kind === 'command' ? [job.command.id] : []))
    const eventIds = jobs.flatMap((job) => (job.kind === 'observations' ? job.events.map((event) => event.id) : []))
    const receipts = await this.#context.store.findReceipts(commandIds)
    this.#learnReceipts(commandIds, receipts)
    const events = await this.#context.store.findEvents(this.no, eventIds)
    // A repeat that was found is progress, however many of them come in a row.
    if (receipts.length + events.length > 0) this.#recoveries = 0
    // Nothing of ours is there: the places in the streams were taken, so what was known of them was wrong.
    else this.#states.clear()
    this.#storedEvents.clear()
    for (const body of events) {
      const event = readBody(body)
      this.#storedEvents.set(event.id, contentOf(event))
    }
  }

  /** Reads what another writer appended and tells the followers. */
  async #catchUp(): Promise<void> {
    for (;;) {
      const { bodies, head } = await this.#context.store.readLog(this.no, this.#head, LIMITS.catchUpEvents)
      const from = this.#head
      this.#head += bodies.length
      if (bodies.length > 0) {
        const events = bodies.map(readBody)
        this.#decider.recordedAt(Math.max(...events.map((event) => event.recordedAt)))
        // After the head, not before: a state that is being read right now may be from before these events.
        this.#states.clear()
        this.#lookedUp.clear()
        const { log, epoch } = this
        const joined = Buffer.from(bodies.join(','))
        this.#context.committed({ log, epoch, from, to: this.#head, bodies: joined, texts: bodies, events }, 'another')
      }
      if (this.#head < head) continue
      this.#writtenTo = this.#head
      return
    }
  }

  /** The store failed (disk full, database gone): everything unstored did not happen; its senders are told and may try again. */
  #giveUp(error: Error): void {
    const jobs = [...this.#dropUnstored(), ...(this.#recovering ? this.#incoming.splice(0) : [])]
    this.#recovering = false
    this.#recoveries = 0
    this.#endTurn()
    for (const { reject } of this.#waiting.splice(0)) reject(error)
    for (const job of jobs) job.failed(error)
    void this.#decideIncoming()
  }

  #endTurn(): void {
    this.#turn?.()
    this.#turn = undefined
  }

  #dropUnstored(): Job[] {
    const jobs = [...(this.#storing?.jobs ?? []), ...this.#staging.jobs]
    this.#storing = undefined
    this.#staging = new Batch(this.#head)
    return jobs
  }
}

/** So often a commit is decided anew before the log is called broken. */
const RECOVERIES_IN_A_ROW = 5

const toError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)))
