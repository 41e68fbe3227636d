import { logEvents, PROJECTION_VERSION, sessionStream, type RecordedEvent, type RowChange } from '@coppice/events'
import type { Backfill, EventsMessage, FromClient, FromServer, Reset, Snapshot, Tail, Welcome } from '@coppice/protocol'
import type { ConfirmedState } from './confirmed.ts'
import { Joins, type Wanted } from './joins.ts'
import { KnownEpochs } from './known-epochs.ts'
import { SnapshotIntake } from './snapshot-intake.ts'
import type { Store } from './store.ts'
import { subscribeTo, type Bodies } from './subscribe.ts'
import { Witness, type Restored } from './witness.ts'

/** Rows that are new in the replica, and the commands that led to them. */
export interface Applied {
  readonly log: string
  /** The cursor now stands here. */
  readonly position: number
  readonly changes: readonly RowChange[]
  /** Ids of what caused the events that came. */
  readonly causes: ReadonlySet<string>
}

export interface LogSyncOptions {
  readonly bodies: Bodies
  /** Whether bodies that nobody asked for may be fetched now. */
  readonly fills: () => boolean
  readonly send: (message: FromClient) => boolean
  /** Ids of sessions that somebody reads now. */
  readonly open: () => readonly string[]
  readonly applied: (applied: Applied) => Promise<void>
  /** Rows that are gone with a log. */
  readonly erased: (changes: readonly RowChange[]) => void
  /** The body of a session is here now, or its newest part. */
  readonly filled: (sessionId: string) => void
  /** The server's log is not the one of before: what was accepted in that one must be offered again. */
  readonly setBack: (log: string) => Promise<void>
  /** Something that the person must know about the server's record. */
  readonly distrust: (sentence: string) => void
}

const LOG_MESSAGES = ['events', 'snapshot', 'tail', 'backfill', 'reset', 'head', 'headSeen', 'proof'] as const

/** Messages about the contents of logs. All are handled in the replica's one queue. */
export type LogMessage = Extract<FromServer, { t: (typeof LOG_MESSAGES)[number] }>

export const isLogMessage = (message: FromServer): message is LogMessage =>
  (LOG_MESSAGES as readonly string[]).includes(message.t)

/** Brings the confirmed state up to the server's logs and keeps it there: cursors, snapshots, back-fills, proofs. */
export class LogSync {
  readonly #options: LogSyncOptions
  readonly #witness: Witness
  readonly #joins: Joins
  readonly #heads = new Map<string, number>()
  /** What logs have said of restores since it was last looked at. */
  readonly #restored = new Map<string, Restored[]>()
  /** Logs whose record was compared with what was seen before, on this connection. */
  readonly #checked = new Set<string>()
  /** Logs that are followed on this connection. */
  readonly #subscribed = new Set<string>()
  readonly #epochs: KnownEpochs
  /** Logs that were found to be set back, on this connection. */
  readonly #setBack = new Set<string>()
  #confirmed: ConfirmedState
  readonly #snapshots: SnapshotIntake
  #serverProjection: number | undefined

  private constructor(options: LogSyncOptions, confirmed: ConfirmedState, witness: Witness, epochs: KnownEpochs) {
    this.#epochs = epochs
    this.#options = options
    this.#confirmed = confirmed
    this.#witness = witness
    this.#snapshots = new SnapshotIntake(confirmed, (text, keyId, signature) => witness.signed(text, keyId, signature))
    this.#joins = new Joins({
      send: (wanted, n) => options.send({ t: 'join', n, ...wanted, tail: true }),
      others: () => (this.#keepsAll && options.fills() ? this.#newestLeft() : undefined),
    })
  }

  static async open(options: LogSyncOptions, confirmed: ConfirmedState, store: Store): Promise<LogSync> {
    const { distrust, send } = options
    return new LogSync(options, confirmed, await Witness.load({ store, send, distrust }), await KnownEpochs.load(store))
  }

  /** Goes on in another store, which has everything that this one had. */
  async moveTo(confirmed: ConfirmedState, store: Store): Promise<void> {
    this.#confirmed = confirmed
    this.#snapshots.moveTo(confirmed)
    await this.#witness.moveTo(store)
    await this.#epochs.moveTo(store)
  }

  /** Events that the server has and this replica does not. */
  missing(): number {
    let missing = 0
    for (const [log, head] of this.#heads) missing += Math.max(0, head - (this.#confirmed.cursor(log)?.position ?? 0))
    return missing
  }

  async welcomed(welcome: Welcome): Promise<void> {
    this.#serverProjection = welcome.projection
    this.#checked.clear()
    this.#subscribed.clear()
    this.#setBack.clear()
    if (welcome.serverKey) await this.#witness.met(welcome.serverKey)
    await this.access(welcome.logs)
  }

  /** Follows the logs that may be read, and forgets the others. */
  async access(logs: Welcome['logs']): Promise<void> {
    const allowed = new Set(logs.map((one) => one.log))
    for (const log of this.#subscribed) if (!allowed.has(log)) this.#subscribed.delete(log)
    for (const log of this.#confirmed.logs()) if (!allowed.has(log)) await this.#erase(log)
    for (const { log, head, epoch } of logs) {
      this.#heads.set(log, head)
      // A snapshot or copy that was broken off: rows without a cursor.
      if (this.#confirmed.cursor(log)?.position === 0 && !this.#subscribed.has(log)) await this.#erase(log)
      if (this.#epochs.isOther(log, epoch)) await this.#offerAgain(log)
      if (!this.#subscribed.has(log)) this.#subscribe(log, epoch)
    }
    await this.#epochs.keep(logs)
    this.#joins.next()
  }

  /** Somebody opened this session. */
  wanted(wanted: Wanted): void {
    if (this.#confirmed.isLeft(wanted.log, wanted.stream)) this.#joins.ask(wanted)
  }

  /** A session was open before its header came (it was begun here, or its log was fetched anew): its body is wanted, too. */
  #wantOpen(log: string): void {
    for (const sessionId of this.#options.open()) this.wanted({ log, stream: sessionStream(sessionId) })
  }

  /** Bodies that nobody asked for may be fetched from now on. */
  fillUp(): void {
    this.#joins.next()
  }

  interrupted(): void {
    this.#joins.interrupted()
    this.#witness.interrupted()
  }

  /** The newest head of a log that is told of, for what happens before it is applied. */
  heard(message: LogMessage): void {
    if (message.t === 'events') this.#heads.set(message.log, Math.max(message.head, message.to))
    if (message.t === 'snapshot') this.#heads.set(message.log, Math.max(message.head, message.position))
  }

  async receive(message: LogMessage): Promise<void> {
    switch (message.t) {
      case 'events':
        return this.#events(message)
      case 'snapshot':
        return this.#snapshot(message)
      case 'tail':
        return this.#tail(message)
      case 'backfill':
        return this.#backfill(message)
      case 'reset':
        return this.#reset(message)
      case 'head':
      case 'headSeen':
        return this.#witness.saw(message.head, this.#confirmed.cursor(message.head.log))
      case 'proof':
        return this.#witness.answered(message)
    }
  }

  async #events(message: EventsMessage): Promise<void> {
    const { log, epoch, from, to, left = [], streams = [], projection = PROJECTION_VERSION } = message
    const cursor = this.#confirmed.cursor(log)
    const position = cursor?.position ?? 0
    if (from > position) {
      this.#subscribe(log, cursor?.epoch ?? epoch)
      return this.#joins.next()
    }
    if (to <= position && streams.length === 0) return
    const events = message.events.filter((event) => event.position > position)
    // What overlaps with what is here is told apart by position, which a hash does not have: then the tree is not known.
    const leaves = from === position ? left : []
    const next = { log, epoch, position: Math.max(position, to) }
    const changes = await this.#confirmed.apply(next, events, { leaves, headers: streams, projection })
    this.#noteRestores(log, events)
    await this.#options.applied({ log, position: next.position, changes, causes: causesOf(events) })
    await this.#compare(log)
    if (streams.length > 0) this.#wantOpen(log)
    this.#joins.next()
  }

  async #snapshot(message: Snapshot): Promise<void> {
    const taken = await this.#snapshots.take(message)
    if ('problem' in taken) {
      this.#options.distrust(taken.problem)
      await this.#erase(message.log)
      return
    }
    const { log, position } = message
    this.#noteRestores(log, message.events)
    await this.#options.applied({
      log,
      position: taken.whole ? position : 0,
      changes: taken.changes,
      causes: causesOf(message.events),
    })
    if (!taken.whole) return
    await this.#compare(log)
    this.#wantOpen(log)
    this.#joins.next()
  }

  #tail({ n, log, stream, events }: Tail): void {
    if (!this.#joins.awaits(n)) return
    this.#confirmed.takeTail(log, stream, events)
    this.#options.filled(stream.slice('session/'.length))
  }

  async #backfill(message: Backfill): Promise<void> {
    const { n, log, stream, last, events } = message
    if (!this.#joins.awaits(n)) return
    const before = JSON.stringify(this.#sessionOf(stream))
    const changes = await this.#confirmed.backfill(message, events)
    if (changes === undefined) return
    const position = this.#confirmed.cursor(log)?.position ?? 0
    // Item rows are not told one by one: whoever has the conversation open reads it again, whole. The session's own row is
    // nearly always what its header said: to be told a thousand times of nothing new would keep a page busy for minutes.
    const same = JSON.stringify(this.#sessionOf(stream)) === before
    const shown = last && !same ? changes.filter(({ table }) => table === 'sessions') : []
    await this.#options.applied({ log, position, changes: shown, causes: causesOf(events) })
    if (!last) return
    this.#options.filled(stream.slice('session/'.length))
    this.#joins.done({ log, stream })
  }

  /** What is held of this log is not the server's, or no longer. It is fetched anew; the outbox stays. */
  async #reset({ log, epoch, cause, reason }: Reset): Promise<void> {
    if (cause === 'history') this.#options.distrust(`${reason} What this device had of it was fetched anew.`)
    // First of all: what is erased before it was offered again would not be, if this program ended in between.
    await this.#offerAgain(log)
    await this.#erase(log)
    this.#subscribe(log, epoch)
    this.#joins.next()
  }

  async #offerAgain(log: string): Promise<void> {
    if (this.#setBack.has(log)) return
    this.#setBack.add(log)
    await this.#options.setBack(log)
  }

  /** Once for each connection, when the log is all here: is it a continuation of what was seen before? And what did others see? */
  async #compare(log: string): Promise<void> {
    const cursor = this.#confirmed.cursor(log)
    if (!cursor) return
    await this.#witness.moved(cursor)
    for (const restored of this.#restored.get(log) ?? []) this.#witness.restored(restored, cursor)
    this.#restored.delete(log)
    if (cursor.position < (this.#heads.get(log) ?? 0) || this.#checked.has(log)) return
    this.#checked.add(log)
    this.#witness.check(cursor)
    const head = this.#witness.newest(cursor)
    if (head) this.#options.send({ t: 'headSeen', head })
  }

  /** The log says that it was restored: whether it begins with what was seen before is asked when it is all here. */
  #noteRestores(log: string, events: readonly RecordedEvent[]): void {
    const found = events
      .filter(({ type }) => type === 'log.restored')
      .map(({ data }) => ({ log, ...restoredSchema.parse(data) }))
    if (found.length > 0) this.#restored.set(log, [...(this.#restored.get(log) ?? []), ...found])
  }

  /** A new subscription knows nothing of what was joined on the one before: what was on its way is asked for again. */
  #subscribe(log: string, epoch: string): void {
    const { bodies } = this.#options
    this.#subscribed.add(log)
    this.#joins.interrupted()
    this.#options.send(subscribeTo(this.#confirmed, log, { epoch, bodies, serverProjection: this.#serverProjection }))
  }

  async #erase(log: string): Promise<void> {
    this.#joins.forget(log)
    this.#options.erased(await this.#confirmed.erase(log))
  }

  /** A device that keeps everything, or one whose headers the server's code cannot make. */
  get #keepsAll(): boolean {
    return this.#options.bodies === 'all' || this.#serverProjection !== PROJECTION_VERSION
  }

  #sessionOf(stream: string): unknown {
    return this.#confirmed.read('sessions', stream.slice('session/'.length))
  }

  #newestLeft(): Wanted | undefined {
    let newest: Wanted | undefined
    let newestAt = -1
    for (const log of this.#confirmed.logs()) {
      if ((this.#confirmed.cursor(log)?.position ?? 0) === 0) continue
      for (const { stream } of this.#confirmed.left(log)) {
        const at = this.#confirmed.read('sessions', stream.slice('session/'.length))?.updatedAt ?? 0
        if (at <= newestAt) continue
        newest = { log, stream }
        newestAt = at
      }
    }
    return newest
  }
}

const restoredSchema = logEvents['log.restored']

const causesOf = (events: readonly { readonly causationId: string }[]): ReadonlySet<string> =>
  new Set(events.map((event) => event.causationId))
