import {
  asWorkspace,
  runnersOf,
  INSTANCE_LOG,
  INSTANCE_STREAM,
  WORKSPACE_STREAM,
  type LogId,
  type StreamId,
} from '@coppice/events'
import type { Membership } from '../access/authorise.ts'
import type { Directory } from '../access/directory.ts'
import type { Sender } from '../principal.ts'
import type { RunningStore } from '../store/running-store.ts'
import { DerivedLog, type DerivedFrom } from './derived-log.ts'
import { LogWriter, type Commit, type WriterContext } from './log-writer.ts'
import { recentReceipts } from './receipt.ts'
import { readBody } from './stored-event.ts'
import type { Held } from './stream-states.ts'

/** All logs of the server, each with its one writer, opened when first needed. */
export class Logs {
  readonly #store: RunningStore
  readonly #directory: Directory
  readonly #receipts = recentReceipts()
  readonly #writers = new Map<LogId, Promise<LogWriter>>()
  readonly #known = new Set<LogId>()
  readonly #producerEpochs = new Map<string, number>()
  readonly #committed: WriterContext['committed']
  readonly #now: () => number
  readonly #derived = new Map<LogId, DerivedLog>()
  readonly #deriving: Omit<DerivedFrom, 'store' | 'now'>

  constructor(options: {
    store: RunningStore
    directory: Directory
    committed: (commit: Commit, by: 'us' | 'another') => void
    now: () => number
    deriving: Omit<DerivedFrom, 'store' | 'now'>
  }) {
    this.#store = options.store
    this.#directory = options.directory
    this.#committed = options.committed
    this.#now = options.now
    this.#deriving = options.deriving
  }

  /** Reads which logs there are, and into the directory who belongs to them. */
  async load(): Promise<void> {
    for (const { id } of await this.#store.heads()) {
      const log = id as LogId
      this.#known.add(log)
      if (membershipStream(log) !== undefined) await this.open(log)
    }
  }

  /** Whether a log has been begun. */
  has(log: LogId): boolean {
    return this.#known.has(log)
  }

  /** The writer of a log, which is begun if it is new. */
  open(log: LogId): Promise<LogWriter> {
    const opened = this.#writers.get(log)
    if (opened) return opened
    const opening = this.#open(log)
    this.#writers.set(log, opening)
    opening.catch(() => this.#writers.delete(log))
    return opening
  }

  /** What is computed from an open log. */
  derived(log: LogId): DerivedLog {
    const derived = this.#derived.get(log)
    if (derived === undefined) throw new Error(`log ${log} was not opened before asking what is computed from it`)
    return derived
  }

  /** Writes what is computed from the logs and not on disk yet, so that the next start need not compute it again. */
  async flush(): Promise<void> {
    for (const derived of this.#derived.values()) await derived.flush()
  }

  /**
   * Another server has written to a log: reads on to there. A log that only concerns those who follow it is not opened
   * for that. True if it is a log of which this server did not know.
   */
  async reach(log: LogId, position: number): Promise<boolean> {
    const isNew = !this.#known.has(log)
    this.#known.add(log)
    if (this.#writers.has(log) || membershipStream(log) !== undefined) await (await this.open(log)).reach(position)
    return isNew
  }

  /** A new epoch for a runner: what its earlier processes still send is refused from here on. */
  async nextProducerEpoch(runnerId: string): Promise<number> {
    const epoch = await this.#store.nextEpoch(runnerId)
    this.#learnEpoch(runnerId, epoch)
    return epoch
  }

  /** The epoch that a runner was given last; undefined if it has not been here since this server began. */
  producerEpoch(runnerId: string): number | undefined {
    return this.#producerEpochs.get(runnerId)
  }

  async #refreshEpochs(runnerIds: readonly string[]): Promise<void> {
    for (const { id, epoch } of await this.#store.epochsOf(runnerIds)) this.#learnEpoch(id, epoch)
  }

  /** Two greetings at once: the store orders them, and the later one must win here too. */
  #learnEpoch(runnerId: string, epoch: number): void {
    this.#producerEpochs.set(runnerId, Math.max(epoch, this.#producerEpochs.get(runnerId) ?? 0))
  }

  async #open(log: LogId): Promise<LogWriter> {
    const { no, epoch, head } = await this.#store.openLog(log)
    this.#known.add(log)
    const derived = new DerivedLog({ ...this.#deriving, store: this.#store, now: this.#now }, { log, no, epoch, head })
    this.#derived.set(log, derived)
    const writer = new LogWriter(
      {
        store: this.#store,
        receipts: this.#receipts,
        now: this.#now,
        membershipStreams: log.startsWith('workspace:') ? [WORKSPACE_STREAM] : [],
        membership: (sender, held) => this.#membership(log, sender, held),
        producerEpoch: (runnerId) => this.#producerEpochs.get(runnerId),
        refreshEpochs: (runnerIds) => this.#refreshEpochs(runnerIds),
        committed: (commit, by) => {
          derived.committed(commit)
          this.#committed(commit, by)
        },
      },
      { log, no, epoch, head, recordedAt: await this.#lastRecordedAt(no, head) },
    )
    const stream = membershipStream(log)
    const held = stream && (await writer.stateOf(stream))
    if (held && held.version > 0) this.#directory.load(log, held)
    return writer
  }

  /** An earlier process may have run on a clock that was further on. */
  async #lastRecordedAt(no: number, head: number): Promise<number> {
    if (head === 0) return 0
    const { bodies } = await this.#store.readLog(no, head - 1, 1)
    return bodies[0] === undefined ? 0 : readBody(bodies[0]).recordedAt
  }

  #membership(log: LogId, sender: Sender, heldOf: (stream: StreamId) => Held | undefined): Membership {
    const personId = sender.kind === 'user' ? sender.id : undefined
    const instanceRole = personId === undefined ? undefined : this.#directory.instanceRole(personId)
    const held = log.startsWith('workspace:') ? heldOf(WORKSPACE_STREAM) : undefined
    if (held === undefined) return { instanceRole, role: undefined, runnerId: undefined, standIns: [] }
    const workspace = asWorkspace(held.state)
    const role = personId === undefined ? undefined : workspace.members[personId]?.role
    const [runnerId, ...standIns] = workspace.exists ? runnersOf(workspace) : []
    return { instanceRole, role, runnerId, standIns }
  }
}

/** The stream of a log that says who belongs to it. */
const membershipStream = (log: LogId): StreamId | undefined =>
  log === INSTANCE_LOG ? INSTANCE_STREAM : log.startsWith('workspace:') ? WORKSPACE_STREAM : undefined
