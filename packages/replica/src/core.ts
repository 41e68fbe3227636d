import { PROJECTION_VERSION, sessionStream, type RowChange } from '@coppice/events'
import type { FromServer, Receipt, Welcome } from '@coppice/protocol'
import { Attention } from './attention.ts'
import { Connection as Wire, type Down } from './connection.ts'
import type { CoreOptions } from './core-options.ts'
import { Home, type Movers } from './home.ts'
import { NewerReplica } from './newer-replica.ts'
import type { OutboxEntry } from './outbox.ts'
import { UNKNOWN_CONNECTION, type Connection } from './replica.ts'
import type { CallArgs, CallName, CallResult, Calls } from './port.ts'
import { forgetOldBlobs } from './blobs/needed.ts'
import { Pushing } from './pushing.ts'
import { Queries } from './queries.ts'
import { isLogMessage, LogSync, type Applied, type LogSyncOptions } from './log-sync.ts'
import { rebuild } from './rebuild.ts'
import { refusedCommands, sendAgain } from './refused-commands.ts'
import { Search } from './search/search.ts'
import { SerialQueue } from './serial-queue.ts'
import type { Store } from './store.ts'
import { Surroundings } from './surroundings.ts'

/** Fewer events still to come than this are a busy page, not one that is behind. */
const BEHIND_FROM_EVENTS = 500

/**
 * The replica's engine: confirmed state, outbox, overlay and connection, in one place per browser (or program).
 * Everything that changes state runs in one queue, so that a batch, a receipt and a click never interleave. What pages ask
 * for goes before what the server sent: somebody waits for it, and a device that has been away has hundreds of batches there.
 */
export class ReplicaCore {
  readonly #options: CoreOptions
  readonly #home: Home
  readonly #wire: Wire
  readonly #queue = new SerialQueue()
  readonly #queries: Queries
  readonly #search = new Search()
  #entries: readonly OutboxEntry[] = []
  readonly #pushing: Pushing
  readonly #attention = new Attention()
  readonly #surroundings: Surroundings
  #connected = false
  #connection: Connection = UNKNOWN_CONNECTION

  #logs: LogSync | undefined
  readonly #movers: Movers = {
    alone: (work) => this.#queue.run(work),
    follow: async (confirmed, store) => this.#logs?.moveTo(confirmed, store),
    became: (storage) => this.#tell({ storage }),
  }

  private constructor(options: CoreOptions, home: Home) {
    this.#options = options
    this.#home = home
    this.#wire = new Wire({
      connect: options.connect,
      clientId: options.clientId,
      appVersion: options.appVersion,
      onWelcome: (welcome) => void this.#queue.run(() => this.#welcome(welcome)),
      onMessage: (message) => this.#receive(message),
      onDown: (why) => this.#down(why),
      onLatency: (latencyMs) => this.#tell({ latencyMs }),
    })
    const { outbox, blobs, now, notify } = options
    const more = (): void => void this.#queue.run(() => this.#push())
    this.#pushing = new Pushing({ outbox, blobs, now, notify, send: (message) => this.#wire.send(message), more })
    this.#queries = new Queries((message) => this.#wire.send(message))
    this.#surroundings = new Surroundings(notify)
  }

  /**
   * Opens the store, rebuilds rows that older code wrote, takes up the outbox, and connects.
   * @throws {NewerReplica} if newer code wrote them: nothing is touched then.
   */
  static async open(options: CoreOptions): Promise<ReplicaCore> {
    const version = await options.store.projectionVersion()
    if (version !== undefined && version > PROJECTION_VERSION) throw new NewerReplica(version, PROJECTION_VERSION)
    if (version !== PROJECTION_VERSION) await rebuild(options.store)
    const core = new ReplicaCore(options, await Home.open(options.store, options.userId))
    core.#logs = await LogSync.open(core.#logOptions(), core.#home.confirmed, options.store)
    core.#tell({
      storage: options.opening ? 'opening' : options.store.kind,
      complete: core.#home.confirmed.logs().length > 0,
    })
    core.#watch(options.store)
    if (options.blobs) await forgetOldBlobs(options.blobs.outbox, options.outbox, options.now())
    await core.#queue.run(() => core.#takeOutbox())
    core.#wire.start()
    return core
  }

  /** Goes on in another store; see {@link Home.moveTo}. */
  async moveTo(store: Store, copied?: () => Promise<void>): Promise<void> {
    const settled = await this.#home.moveTo(store, this.#movers, copied)
    this.#watch(store)
    if (settled && this.#connected) this.#logs?.fillUp()
  }

  #watch(store: Store): void {
    void store.broken?.then((error) =>
      this.#queue.run(async () => {
        if (this.#home.store === store) await this.#leaveDisk(error)
      }),
    )
  }

  async #leaveDisk(error: unknown): Promise<void> {
    await this.#home.leaveDisk(error, this.#movers)
    await this.#show([])
    this.#tell({ storage: 'full' })
    // What could not be written comes again on a new connection, from where the copy stands.
    this.#wire.drop('The copy on this device could not be written. Connecting again.')
  }

  /** There will be no other store after all: say so. */
  stayInMemory(): void {
    this.#tell({ storage: 'memory' })
    if (this.#connected) this.#logs?.fillUp()
  }

  call<K extends CallName>(name: K, args: CallArgs<K>): Promise<CallResult<K>> {
    const handler = this.#handlers[name] as (args: CallArgs<K>) => CallResult<K> | Promise<CallResult<K>>
    return Promise.resolve(handler(args))
  }

  /** The network went or came, as the browser tells it. */
  networkChanged(online: boolean): void {
    if (online) this.#wire.retryNow()
    else this.#wire.drop('This device is off line.')
  }

  async close(): Promise<void> {
    this.#wire.stop()
    await this.#home.stay()
    this.#pushing.close()
    await this.#queue.run(async () => {
      await this.#home.store.close()
      await this.#options.outbox.close()
      await this.#options.blobs?.outbox.close()
    })
  }

  readonly #handlers: { [K in CallName]: (args: CallArgs<K>) => CallResult<K> | Promise<CallResult<K>> } = {
    attach: () => this.#snapshot(),
    detach: ({ page }) => {
      this.#attention.left(page)
      this.#search.forget(page)
      this.#sendWatch()
      return null
    },
    network: ({ online }) => {
      this.networkChanged(online)
      return null
    },
    outboxChanged: async () => {
      await this.#queue.runFirst(() => this.#takeOutbox())
      return null
    },
    openConversation: ({ page, sessionId, newest, ahead }) => {
      this.#attention.opened(page, sessionId)
      return this.#queue.runFirst(async () => {
        const log = this.#logOf(sessionId)
        const stream = sessionStream(sessionId)
        const whole = log === undefined || !this.#home.confirmed.isLeft(log, stream)
        if (!whole && ahead !== true) this.#logs?.wanted({ log, stream })
        if (newest === true) return { ...(await this.#home.view.newest(sessionId)), whole }
        return { spine: await this.#home.view.spine(sessionId), whole }
      })
    },
    closeConversation: ({ page, sessionId }) => {
      this.#attention.closed(page, sessionId)
      return null
    },
    bodies: ({ itemIds }) => this.#queue.runFirst(() => this.#home.view.bodies(itemIds)),
    ofSession: ({ table, sessionId }) => this.#queue.runFirst(() => this.#home.view.ofSession(table, sessionId)),
    watch: ({ page, sessionId }) => {
      this.#attention.watches(page, sessionId)
      this.#sendWatch()
      return null
    },
    liveState: ({ sessionId }) => {
      const log = this.#logOf(sessionId)
      if (log) this.#wire.send({ t: 'liveState', log, session: sessionId })
      return null
    },
    dismissRefused: async ({ commandId }) => {
      await this.#options.outbox.dismiss(commandId)
      await this.#tellRefused()
      return null
    },
    search: (args) =>
      this.#search.page(args, () => ({
        store: this.#home.store,
        view: this.#home.view,
        left: this.#home.confirmed.logs().reduce((sum, log) => sum + this.#home.confirmed.left(log).length, 0),
        missing: this.#connection.missing,
      })),
    sendAgain: async ({ commandId, newId }) => {
      await this.#queue.runFirst(async () => {
        await sendAgain(this.#options.outbox, commandId, newId, this.#options.now())
        await this.#takeOutbox()
      })
      await this.#tellRefused()
      return null
    },
    query: ({ log, request, runnerId }) => this.#queries.ask(log, request, runnerId),
  } satisfies { [K in CallName]: (args: CallArgs<K>) => ReturnType<Calls[K]> | Promise<ReturnType<Calls[K]>> }

  #down(why: Down): void {
    this.#connected = false
    this.#pushing.interrupted()
    this.#queries.down()
    this.#logs?.interrupted()
    this.#surroundings.lost()
    this.#tell({ state: why.kind, message: why.message, missing: 0, latencyMs: undefined })
  }

  #logOptions(): LogSyncOptions {
    return {
      bodies: this.#options.bodies ?? 'all',
      // A store that is about to be left is not filled with what nobody asked for.
      fills: () => this.#connection.storage !== 'opening',
      send: (message) => this.#wire.send(message),
      open: this.#attention.open,
      applied: (applied) => this.#applied(applied),
      erased: (changes) => {
        if (changes.length > 0) this.#options.notify({ n: 'rows', changes, pending: this.#home.view.pendingNames() })
      },
      filled: (sessionId) => this.#options.notify({ n: 'filled', sessionId }),
      setBack: (log) => this.#setBack(log),
      distrust: (sentence) => this.#tell({ distrust: sentence }),
    }
  }

  async #welcome(welcome: Welcome): Promise<void> {
    this.#surroundings.runners(welcome.runnersOnline)
    await this.#logs?.welcomed(welcome)
    this.#sendWatch()
    this.#connected = true
    this.#queries.connected()
    this.#tell({ message: '' })
    this.#tellProgress()
    this.#pushing.connected()
    await this.#push()
  }

  #receive(message: FromServer): void {
    if (isLogMessage(message)) {
      this.#logs?.heard(message)
      void this.#queue.run(() => this.#logs?.receive(message).catch((error: unknown) => this.#leaveDisk(error)))
      return
    }
    switch (message.t) {
      case 'receipt':
        void this.#queue.run(() => this.#receipt(message))
        return
      case 'access':
        void this.#queue.run(() => this.#logs?.access(message.logs))
        return
      case 'runners':
        return this.#surroundings.runners(message.online)
      case 'live':
        this.#options.notify({ n: 'live', live: message })
        return
      case 'presence':
        return this.#surroundings.people(message)
      case 'activity':
        return this.#surroundings.activity(message)
      case 'queryResult':
        return this.#queries.answer(message.id, message.answer)
      case 'error':
        console.warn(`The server says: ${message.message}`)
        this.#tell({ message: message.message })
        return
      default:
        return
    }
  }

  /** New rows are in the store: what led to them is finished, and pages see them. */
  async #applied({ log, position, changes, causes }: Applied): Promise<void> {
    const finished = this.#entries.filter(
      ({ command, acceptedTo }) =>
        command.log === log && (causes.has(command.id) || (acceptedTo !== undefined && acceptedTo <= position)),
    )
    await this.#finish(finished)
    await this.#show(changes)
    this.#tellProgress()
  }

  async #receipt(receipt: Receipt): Promise<void> {
    this.#pushing.forget(receipt.commandId)
    const entry = this.#entries.find(({ command }) => command.id === receipt.commandId)
    if (!entry) return
    if (receipt.result.kind === 'accepted') {
      const { from, to } = receipt.result
      const position = this.#home.confirmed.cursor(entry.command.log)?.position ?? 0
      if (from > to || to <= position) {
        await this.#finish([entry])
        await this.#show([])
      } else {
        await this.#options.outbox.accepted(receipt.commandId, to)
        this.#entries = await this.#options.outbox.entries()
      }
      this.#options.notify({ n: 'settled', commandId: receipt.commandId, settled: { kind: 'accepted' } })
    } else if (!this.#pushing.lacks(entry.command, receipt.result.refusal)) {
      await this.#pushing.refused(entry.command, receipt.result.refusal)
      await this.#afterRefusal()
    }
    this.#tell({})
    await this.#push()
  }

  /** Nothing acknowledged is silently gone (LF-8): what this device had accepted lately is offered again. */
  async #setBack(log: string): Promise<void> {
    const again = await this.#options.outbox.reoffer(log)
    for (const { command } of this.#entries) if (command.log === log) this.#pushing.forget(command.id)
    await this.#takeOutbox()
    const yours = again === 0 ? '' : ` ${again} of your own actions that it had accepted were offered again.`
    this.#tell({
      setBack: `The server has another record of ${log} than before, as after a restore from a backup: this device has fetched it anew.${yours}`,
    })
  }

  async #finish(entries: readonly OutboxEntry[]): Promise<void> {
    if (entries.length === 0) return
    await this.#options.outbox.settle(
      entries.map(({ command }) => command.id),
      this.#options.now(),
    )
    this.#entries = await this.#options.outbox.entries()
    for (const { command } of entries)
      this.#options.notify({ n: 'settled', commandId: command.id, settled: { kind: 'accepted' } })
    this.#tell({})
  }

  async #takeOutbox(): Promise<void> {
    this.#entries = await this.#options.outbox.entries()
    await this.#show([])
    this.#tell({})
    await this.#push()
  }

  async #push(): Promise<void> {
    if (!this.#connected || !(await this.#pushing.push(this.#entries))) return
    await this.#afterRefusal()
    this.#tell({})
  }

  async #afterRefusal(): Promise<void> {
    this.#entries = await this.#options.outbox.entries()
    await this.#show([])
    await this.#tellRefused()
  }

  /** Builds the overlay anew on the confirmed state and tells pages what looks different now. */
  async #show(confirmedChanges: readonly RowChange[]): Promise<void> {
    const pending = this.#entries.map(({ command }) => command)
    const refs = await this.#home.view.rebuild(pending, confirmedChanges, this.#options.now())
    for (const notice of this.#home.view.notices(refs, this.#attention.isOpen)) this.#options.notify(notice)
  }

  #snapshot(): Promise<CallResult<'attach'>> {
    return this.#queue.runFirst(async () => {
      const refused = await refusedCommands(this.#options.outbox)
      // All else at one moment, the last: what is told of it meanwhile would come before this and be undone by it.
      return {
        headers: this.#home.view.headers(),
        pending: this.#home.view.pendingNames(),
        connection: this.#connection,
        refused,
        runnersOnline: this.#surroundings.runnersOnline,
        presence: this.#surroundings.presence,
        activities: this.#surroundings.activities,
      }
    })
  }

  #logOf(sessionId: string): string | undefined {
    const workspaceId = this.#home.view.read('sessions', sessionId)?.workspaceId
    return workspaceId && `workspace:${workspaceId}`
  }

  #sendWatch(): void {
    const sessions = this.#attention.watched().flatMap((session) => {
      const log = this.#logOf(session)
      return log ? [{ log, session }] : []
    })
    this.#wire.send({ t: 'watch', sessions })
  }

  async #tellRefused(): Promise<void> {
    this.#options.notify({ n: 'refused', refused: await refusedCommands(this.#options.outbox) })
  }

  #tellProgress(): void {
    if (!this.#connected) return
    const missing = this.#logs?.missing() ?? 0
    const complete = this.#connection.complete || missing === 0
    this.#tell({ missing, complete, state: missing > BEHIND_FROM_EVENTS || !complete ? 'behind' : 'online' })
  }

  #tell(change: Partial<Connection>): void {
    const waiting = this.#entries.filter(({ acceptedTo }) => acceptedTo === undefined).length
    const next = { ...this.#connection, ...change, waiting }
    const same = (Object.keys(next) as (keyof Connection)[]).every((key) => next[key] === this.#connection[key])
    this.#connection = next
    if (!same) this.#options.notify({ n: 'connection', connection: next })
  }
}
