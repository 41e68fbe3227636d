import {
  checkCommand,
  makeCommand,
  newId,
  refuse,
  type Attachment,
  type CommandData,
  type KnownCommand,
  type LogId,
  type Refusal,
  type RowChange,
  type Rows,
  type StreamId,
  type TableName,
} from '@coppice/events'
import type {
  ActivityMessage,
  Live,
  Presence as PresenceMessage,
  QueryAnswer,
  QueryKind,
  QueryRequest,
} from '@coppice/protocol'
import type { BlobOutbox } from './blobs/blob-outbox.ts'
import { keepBlob } from './blobs/keep-blob.ts'
import { builtOn } from './built-on.ts'
import type { Outbox } from './outbox.ts'
import { Listeners } from './listeners.ts'
import { PageConversations } from './page-conversations.ts'
import type { Notice, Port, Snapshot } from './port.ts'
import {
  HEADER_TABLES,
  SESSION_TABLES,
  UNKNOWN_CONNECTION,
  type Connection,
  type Conversation,
  type HeaderTable,
  type Presence,
  type RefusedCommand,
  type Replica,
  type SearchPage,
  type SessionTable,
  type SentCommand,
  type Settled,
} from './replica.ts'
import { SerialQueue } from './serial-queue.ts'
import type { Place } from './search/documents.ts'
import { rowName, rowNamed } from './store.ts'

export interface PageOptions {
  readonly port: Port
  readonly outbox: Outbox
  readonly blobs: BlobOutbox
  readonly userId: string
  readonly now?: () => number
  /** Header rows of last time, shown until the core has answered. */
  readonly boot?: BootCache
  /** Settles when the next frame has been painted; where nothing is painted, at once. */
  readonly painted?: () => Promise<void>
}

/** Header rows kept where they can be read at once, so that the list is painted before the database has opened (PF-5). */
export interface BootCache {
  read(): ReadonlyMap<HeaderTable, ReadonlyMap<string, Rows[HeaderTable]>> | undefined
  write(tables: ReadonlyMap<HeaderTable, ReadonlyMap<string, Rows[HeaderTable]>>): void
}

const HITS_A_PAGE = 50

/** A page's view of the replica: header rows in memory, everything else asked of the core. */
export class PageReplica implements Replica {
  readonly userId: string
  readonly ready: Promise<void>
  readonly #port: Port
  readonly #outbox: Outbox
  readonly #blobs: BlobOutbox
  readonly #now: () => number
  readonly #boot: BootCache | undefined
  readonly #page = newId()
  readonly #headers = new Map<HeaderTable, Map<string, Rows[HeaderTable]>>(
    HEADER_TABLES.map((table) => [table, new Map()]),
  )
  readonly #conversations: PageConversations
  readonly #settling = new Map<string, (settled: Settled) => void>()
  readonly #rowListeners = new Listeners<ReadonlyMap<TableName, ReadonlySet<string>>>()
  readonly #connectionListeners = new Listeners<Connection>()
  readonly #ofSessionListeners = new Listeners<{ table: SessionTable; sessionId: string }>()
  readonly #refusedListeners = new Listeners<void>()
  readonly #sentListeners = new Listeners<string>()
  readonly #sent = new Map<string, number>()
  readonly #liveListeners = new Listeners<Live>()
  readonly #presenceListeners = new Listeners<string>()
  readonly #activityListeners = new Listeners<string>()
  #activities = new Map<string, ActivityMessage>()
  #connection: Connection = UNKNOWN_CONNECTION
  #pending: ReadonlySet<string> = new Set()
  #refused: readonly RefusedCommand[] = []
  #presence = new Map<string, PresenceMessage>()
  #runnersOnline: readonly string[] = []
  #watching: string | undefined
  #attached = false
  #searches = 0
  /** Commands come into the outbox in the order of the clicks. */
  readonly #adding = new SerialQueue()
  #becomeReady: () => void = () => undefined

  constructor(options: PageOptions) {
    this.userId = options.userId
    this.#port = options.port
    this.#outbox = options.outbox
    this.#blobs = options.blobs
    this.#now = options.now ?? Date.now
    this.#boot = options.boot
    const painted = options.painted ?? (() => Promise.resolve())
    this.#conversations = new PageConversations({ port: options.port, page: this.#page, painted })
    this.ready = new Promise((resolve) => {
      this.#becomeReady = resolve
    })
    for (const [table, rows] of this.#boot?.read() ?? []) this.#headers.set(table, new Map(rows))
    this.#port.onNotice((notice) => this.#receive(notice))
    this.#port.onMoved(() => void this.#attach())
    void this.#attach()
  }

  connection(): Connection {
    return this.#connection
  }

  onConnection(listener: (connection: Connection) => void): () => void {
    return this.#connectionListeners.add(listener)
  }

  rows<T extends HeaderTable>(table: T): ReadonlyMap<string, Rows[T]> {
    return this.#headers.get(table) as unknown as ReadonlyMap<string, Rows[T]>
  }

  onRows(listener: (changed: ReadonlyMap<TableName, ReadonlySet<string>>) => void): () => void {
    return this.#rowListeners.add(listener)
  }

  isPending(table: TableName, key: string): boolean {
    return this.#pending.has(rowName(table, key))
  }

  openConversation(sessionId: string): Conversation {
    return this.#conversations.open(sessionId)
  }

  prefetch(sessionId: string): void {
    this.#conversations.prefetch(sessionId)
  }

  async ofSession<T extends SessionTable>(table: T, sessionId: string): Promise<readonly Rows[T][]> {
    return (await this.#port.call('ofSession', { table, sessionId })) as readonly Rows[T][]
  }

  onOfSession(listener: (table: SessionTable, sessionId: string) => void): () => void {
    return this.#ofSessionListeners.add(({ table, sessionId }) => listener(table, sessionId))
  }

  async command<T extends KnownCommand['type']>(
    address: { log: LogId; stream: StreamId },
    type: T,
    data: CommandData<T>,
  ): Promise<SentCommand | Refusal> {
    const command = makeCommand(address, type, data, { id: newId(this.#now()), now: this.#now() })
    const refusal = checkCommand(command)
    if (refusal) return refusal
    try {
      await this.#adding.run(async () => {
        const dependsOn = builtOn(command, await this.#outbox.entries())
        await this.#outbox.add(dependsOn.length > 0 ? { ...command, dependsOn: [...dependsOn] } : command)
      })
    } catch (error) {
      const why = error instanceof Error ? error.message || error.name : String(error)
      console.error('The outbox could not be written.', error)
      return refuse('not_stored', `This device could not keep it (${why}). Nothing was sent; make room and try again.`)
    }
    const settled = new Promise<Settled>((resolve) => this.#settling.set(command.id, resolve))
    void this.#port.call('outboxChanged', { commandId: command.id })
    return { commandId: command.id, settled }
  }

  putBlob(file: Blob, of: { name: string; type: string }): Promise<Attachment | Refusal> {
    return keepBlob({ blobs: this.#blobs, outbox: this.#outbox, now: this.#now() }, file, of)
  }

  keptBlob(sha256: string): Promise<Blob | undefined> {
    return this.#blobs.get(sha256)
  }

  sent(sha256: string): number | undefined {
    return this.#sent.get(sha256)
  }

  onSent(listener: (sha256: string) => void): () => void {
    return this.#sentListeners.add(listener)
  }

  refused(): readonly RefusedCommand[] {
    return this.#refused
  }

  onRefused(listener: () => void): () => void {
    return this.#refusedListeners.add(listener)
  }

  async dismissRefused(commandId: string): Promise<void> {
    await this.#port.call('dismissRefused', { commandId })
  }

  async sendAgain(commandId: string): Promise<void> {
    await this.#port.call('sendAgain', { commandId, newId: newId(this.#now()) })
  }

  watch(sessionId: string | undefined): void {
    this.#watching = sessionId
    void this.#port.call('watch', { page: this.#page, sessionId })
  }

  onLive(listener: (live: Live) => void): () => void {
    return this.#liveListeners.add(listener)
  }

  requestLiveState(sessionId: string): void {
    void this.#port.call('liveState', { sessionId })
  }

  presence(sessionId: string): readonly Presence[] {
    return this.#presence.get(sessionId)?.people ?? []
  }

  activity(sessionId: string): ActivityMessage | undefined {
    return this.#activities.get(sessionId)
  }

  onActivity(listener: (sessionId: string) => void): () => void {
    return this.#activityListeners.add(listener)
  }

  onPresence(listener: (sessionId: string) => void): () => void {
    return this.#presenceListeners.add(listener)
  }

  runnersOnline(): readonly string[] {
    return this.#runnersOnline
  }

  async query<K extends QueryKind>(
    log: LogId,
    request: Extract<QueryRequest, { kind: K }>,
    runnerId?: string,
  ): Promise<QueryAnswer<K>> {
    return (await this.#port.call('query', { log, request, runnerId })) as QueryAnswer<K>
  }

  search(request: { text: string; limit?: number; after?: Place }): Promise<SearchPage | undefined> {
    this.#searches += 1
    const { text, limit = HITS_A_PAGE, after } = request
    return this.#port.call('search', { page: this.#page, n: this.#searches, text, limit, after })
  }

  async close(): Promise<void> {
    await this.#port.call('detach', { page: this.#page })
    this.#port.close()
  }

  async #attach(): Promise<void> {
    const snapshot = await this.#port.call('attach', { page: this.#page })
    this.#takeSnapshot(snapshot)
    this.#attached = true
    this.#becomeReady()
    if (this.#watching) void this.#port.call('watch', { page: this.#page, sessionId: this.#watching })
    this.#conversations.moved()
  }

  #takeSnapshot(snapshot: Snapshot): void {
    // A core that has never been whole knows less than last time's list: what it knows is laid over that until it is.
    const keep = !snapshot.connection.complete
    const changed = this.#takeHeaders(snapshot.headers, keep)
    const before = this.#pending
    this.#pending = new Set(snapshot.pending)
    for (const name of new Set([...before, ...this.#pending])) {
      if (before.has(name) === this.#pending.has(name)) continue
      const { table, key } = rowNamed(name)
      changed.set(table, (changed.get(table) ?? new Set()).add(key))
    }
    this.#connection = snapshot.connection
    this.#refused = snapshot.refused
    // What a core before this one was sending is told anew by this one.
    for (const sha256 of this.#sent.keys()) this.#takeSent(sha256, undefined)
    this.#runnersOnline = snapshot.runnersOnline
    this.#activities = new Map(snapshot.activities.map((one) => [one.session, one]))
    this.#presence = new Map(snapshot.presence.map((one) => [one.session, one]))
    this.#rowListeners.tell(changed)
    this.#connectionListeners.tell(this.#connection)
    this.#refusedListeners.tell()
    for (const session of this.#presence.keys()) this.#presenceListeners.tell(session)
    for (const session of this.#activities.keys()) this.#activityListeners.tell(session)
    if (!keep) this.#boot?.write(this.#headers)
  }

  /** Gives what is another than before. A row that says the same stays the same object: the list of last time is not drawn again. */
  #takeHeaders(headers: readonly RowChange[], keep: boolean): Map<TableName, Set<string>> {
    const changed = new Map<TableName, Set<string>>()
    for (const table of HEADER_TABLES) {
      const old = this.#headers.get(table) ?? new Map<string, Rows[HeaderTable]>()
      const rows = new Map<string, Rows[HeaderTable]>(keep ? old : undefined)
      for (const { key, row } of headers.filter((change) => change.table === table))
        if (row !== null) rows.set(key, sameOr(old.get(key), row as Rows[HeaderTable]))
      const others = [...new Set([...old.keys(), ...rows.keys()])].filter((key) => old.get(key) !== rows.get(key))
      if (others.length > 0) changed.set(table, new Set(others))
      this.#headers.set(table, rows)
    }
    return changed
  }

  #receive(notice: Notice): void {
    // Before the snapshot, changes would be laid over rows that are not there yet; the snapshot contains them.
    if (!this.#attached && notice.n !== 'settled' && notice.n !== 'connection') return
    switch (notice.n) {
      case 'rows':
        this.#takeRows(notice)
        return
      case 'items':
        return this.#conversations.take(notice.sessionId, notice.spine, notice.bodies)
      case 'filled':
        this.#conversations.filled(notice.sessionId)
        for (const table of SESSION_TABLES) this.#ofSessionListeners.tell({ table, sessionId: notice.sessionId })
        return
      case 'gone':
        return this.#conversations.drop(notice.itemIds)
      case 'ofSession':
        this.#ofSessionListeners.tell(notice)
        return
      case 'connection':
        // Whole for the first time: what was kept from the boot cache gives way to what is true.
        if (notice.connection.complete && !this.#connection.complete && this.#attached) void this.#attach()
        this.#connection = notice.connection
        if (notice.connection.state !== 'online' && notice.connection.state !== 'behind') this.#forgetPresence()
        this.#connectionListeners.tell(notice.connection)
        return
      case 'settled':
        this.#settling.get(notice.commandId)?.(notice.settled)
        this.#settling.delete(notice.commandId)
        return
      case 'refused':
        this.#refused = notice.refused
        this.#refusedListeners.tell()
        return
      case 'live':
        this.#liveListeners.tell(notice.live)
        return
      case 'presence':
        this.#presence.set(notice.presence.session, notice.presence)
        this.#presenceListeners.tell(notice.presence.session)
        return
      case 'activity':
        this.#activities.set(notice.activity.session, notice.activity)
        this.#activityListeners.tell(notice.activity.session)
        return
      case 'sent':
        return this.#takeSent(notice.sha256, notice.sent)
      case 'runners':
        this.#runnersOnline = notice.online
        this.#connectionListeners.tell(this.#connection)
    }
  }

  #takeSent(sha256: string, sent: number | undefined): void {
    if (sent === undefined) this.#sent.delete(sha256)
    else this.#sent.set(sha256, sent)
    this.#sentListeners.tell(sha256)
  }

  #takeRows(notice: Extract<Notice, { n: 'rows' }>): void {
    this.#pending = new Set(notice.pending)
    const changed = new Map<TableName, Set<string>>()
    for (const { table, key, row } of notice.changes) {
      const rows = this.#headers.get(table as HeaderTable)
      if (row === null) rows?.delete(key)
      else rows?.set(key, row as Rows[HeaderTable])
      changed.set(table, (changed.get(table) ?? new Set()).add(key))
    }
    this.#rowListeners.tell(changed)
    this.#boot?.write(this.#headers)
  }

  #forgetPresence(): void {
    const sessions = [...this.#presence.keys()]
    this.#presence.clear()
    for (const session of sessions) this.#presenceListeners.tell(session)
  }
}

/** Rows are made by one code from events, so what is the same is written the same. */
const sameOr = <Row>(known: Row | undefined, row: Row): Row =>
  known !== undefined && JSON.stringify(known) === JSON.stringify(row) ? known : row
