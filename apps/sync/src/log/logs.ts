import {
  asWorkspace,
  INSTANCE_LOG,
  INSTANCE_STREAM,
  WORKSPACE_STREAM,
  type LogId,
  type StreamId,
} from '@coppice/events'
import type { Membership } from '../access/authorise.ts'
import type { Directory } from '../access/directory.ts'
import type { Sender } from '../principal.ts'
import type { Store } from '../store/store-calls.ts'
import { LogWriter, type Commit } from './log-writer.ts'
import { recentReceipts } from './receipt.ts'
import type { Held } from './stream-states.ts'

/** All logs of the server, each with its one writer, opened when first needed. */
export class Logs {
  readonly #store: Store
  readonly #directory: Directory
  readonly #receipts = recentReceipts()
  readonly #writers = new Map<LogId, Promise<LogWriter>>()
  readonly #known = new Set<LogId>()
  readonly #producerEpochs = new Map<string, number>()
  readonly #committed: (commit: Commit) => void
  readonly #now: () => number

  constructor(options: { store: Store; directory: Directory; committed: (commit: Commit) => void; now: () => number }) {
    this.#store = options.store
    this.#directory = options.directory
    this.#committed = options.committed
    this.#now = options.now
  }

  /** Reads which logs there are, and into the directory who belongs to them. */
  async load(): Promise<void> {
    for (const id of await this.#store.logIds()) {
      const log = id as LogId
      this.#known.add(log)
      const stream =
        log === INSTANCE_LOG ? INSTANCE_STREAM : log.startsWith('workspace:') ? WORKSPACE_STREAM : undefined
      if (stream === undefined) continue
      const writer = await this.open(log)
      const held = await writer.stateOf(stream)
      if (held) this.#directory.load(log, held.state)
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

  /** A new epoch for a runner: what its earlier processes still send is refused from here on. */
  async nextProducerEpoch(runnerId: string): Promise<number> {
    const epoch = await this.#store.nextEpoch(runnerId)
    // Two greetings at once: the store orders them, and the later one must win here too.
    this.#producerEpochs.set(runnerId, Math.max(epoch, this.#producerEpochs.get(runnerId) ?? 0))
    return epoch
  }

  /** The epoch that a runner was given last; undefined if it has not been here since this server began. */
  producerEpoch(runnerId: string): number | undefined {
    return this.#producerEpochs.get(runnerId)
  }

  async #open(log: LogId): Promise<LogWriter> {
    const { no, epoch, head } = await this.#store.openLog(log)
    this.#known.add(log)
    return new LogWriter(
      {
        store: this.#store,
        receipts: this.#receipts,
        now: this.#now,
        membershipStreams: log.startsWith('workspace:') ? [WORKSPACE_STREAM] : [],
        membership: (sender, held) => this.#membership(log, sender, held),
        producerEpoch: (runnerId) => this.#producerEpochs.get(runnerId),
        committed: this.#committed,
      },
      { log, no, epoch, head },
    )
  }

  #membership(log: LogId, sender: Sender, heldOf: (stream: StreamId) => Held | undefined): Membership {
    const personId = sender.kind === 'user' ? sender.id : undefined
    const instanceRole = personId === undefined ? undefined : this.#directory.instanceRole(personId)
    const held = log.startsWith('workspace:') ? heldOf(WORKSPACE_STREAM) : undefined
    if (held === undefined) return { instanceRole, role: undefined, runnerId: undefined }
    const workspace = asWorkspace(held.state)
    const role = personId === undefined ? undefined : workspace.members[personId]?.role
    return { instanceRole, role, runnerId: workspace.exists ? workspace.runnerId : undefined }
  }
}
