import { atLeast, INSTANCE_LOG, PROJECTION_VERSION, type LogId, type SignedHead } from '@coppice/events'
import type { FromClient, LogAccess, Welcome } from '@coppice/protocol'
import type { SigningKey } from '../proof/signing-key.ts'
import type { Directory } from '../access/directory.ts'
import { LIMITS } from '../limits.ts'
import { LiveChannel } from '../live/live-channel.ts'
import { Presence } from '../live/presence.ts'
import type { Commit } from '../log/log-writer.ts'
import type { Logs } from '../log/logs.ts'
import type { Principal } from '../principal.ts'
import { OpenQueries } from '../queries/open-queries.ts'
import type { Store } from '../store/store-calls.ts'
import type { Connection } from './connection.ts'
import { Followers } from './followers.ts'

/** All connections of this server and what they share. */
export class SyncRoom {
  readonly directory: Directory
  readonly store: Store
  readonly followers = new Followers()
  readonly live = new LiveChannel()
  readonly queries = new OpenQueries()
  readonly presence: Presence<Connection>
  readonly report: (error: unknown) => void
  readonly key: SigningKey
  readonly #connections = new Set<Connection>()
  readonly #runners = new Map<string, Connection>()
  /** The process that last spoke for each runner: another one begins anew. */
  readonly #runnerProcesses = new Map<string, string>()
  readonly #serverVersion: string
  #logs: Logs | undefined

  constructor(options: {
    directory: Directory
    store: Store
    serverVersion: string
    key: SigningKey
    report: (error: unknown) => void
  }) {
    this.directory = options.directory
    this.store = options.store
    this.#serverVersion = options.serverVersion
    this.report = options.report
    this.key = options.key
    this.presence = new Presence((message) => {
      for (const connection of this.#connections) {
        if (this.directory.mayRead(connection.principal, message.log)) connection.peer.send(message)
      }
    })
  }

  get logs(): Logs {
    if (this.#logs === undefined) throw new Error('the sync room was used before its logs were attached')
    return this.#logs
  }

  /** The logs tell the room of commits and the room gives commands to the logs: one of the two comes second. */
  attach(logs: Logs): void {
    this.#logs = logs
  }

  /** Tells a commit to those who follow, and a change of membership to those it concerns. */
  committed(commit: Commit): void {
    let membershipChanged = false
    for (const event of commit.events) membershipChanged = this.directory.apply(event) || membershipChanged
    this.followers.tell(commit)
    if (membershipChanged) for (const connection of this.#connections) connection.accessChanged()
  }

  /** Tells a head that was just signed to those who follow its log. */
  signed(head: SignedHead): void {
    for (const peer of this.followers.peersOf(head.log as LogId)) peer.send({ t: 'head', head })
  }

  /** Passes on the newest head that a client has seen: the others compare it with what they were shown. */
  headSeen(head: SignedHead, from: Connection): void {
    for (const peer of this.followers.peersOf(head.log as LogId))
      if (peer !== from.peer) peer.send({ t: 'headSeen', head })
  }

  join(connection: Connection): void {
    const same = [...this.#connections].filter((one) => one.principal.id === connection.principal.id)
    if (same.length >= LIMITS.connectionsEach)
      same[0]?.peer.refuse(
        'rate_limited',
        `More than ${LIMITS.connectionsEach} connections of yours are open; the oldest was closed.`,
      )
    this.#connections.add(connection)
  }

  left(connection: Connection): void {
    this.#connections.delete(connection)
    if (!connection.isRunner || this.#runners.get(connection.principal.id) !== connection) return
    this.#runners.delete(connection.principal.id)
    this.queries.runnerGone(connection.principal.id)
    this.#tellRunners()
  }

  /** Answers hello. A runner's begins a new epoch: what its earlier connection still sends is refused from here on. */
  async welcome(connection: Connection, version: number): Promise<Welcome> {
    const { principal } = connection
    const producerEpoch = connection.isRunner ? await this.#admitRunner(connection) : undefined
    return {
      t: 'welcome',
      version,
      serverVersion: this.#serverVersion,
      serverTime: Date.now(),
      principal: {
        kind: principal.kind,
        id: principal.id,
        name: this.directory.nameOf(principal.id) ?? principal.name,
      },
      logs: await this.accessOf(principal),
      ...(producerEpoch !== undefined && { producerEpoch }),
      runnersOnline: [...this.#runners.keys()],
      serverKey: { keyId: this.key.keyId, publicKey: this.key.publicKey },
      projection: PROJECTION_VERSION,
    }
  }

  /** The logs this principal may read, as they stand. */
  async accessOf(principal: Principal): Promise<LogAccess[]> {
    const logs = await Promise.all(this.directory.logsOf(principal).map((log) => this.logs.open(log)))
    return logs.map(({ log, epoch, head }) => {
      const role = this.directory.roleIn(principal, log)
      return { log, epoch, head, ...(role !== undefined && { role }) }
    })
  }

  /** Whether a principal may begin this workspace's log. */
  mayBegin(principal: Principal, log: LogId): boolean {
    if (this.directory.mayRead(principal, log)) return true
    const role = principal.kind === 'user' ? this.directory.instanceRole(principal.id) : undefined
    return log.startsWith('workspace:') && role !== undefined && atLeast(role, 'member')
  }

  ask(query: Extract<FromClient, { t: 'query' }>, asker: Connection): void {
    const { principal, peer } = asker
    const log = query.log as LogId
    const inspects = query.request.kind === 'repository.inspect'
    const allowed =
      inspects && log === INSTANCE_LOG
        ? this.mayBegin(principal, 'workspace:new' as LogId)
        : this.directory.mayRead(principal, log)
    if (!allowed || principal.kind !== 'user')
      return peer.send({
        t: 'queryResult',
        id: query.id,
        answer: { ok: false, code: 'forbidden', message: 'You may not ask this.' },
      })
    const workspace = this.directory.workspace(log.slice('workspace:'.length))
    const id = workspace?.runnerId ?? query.runnerId ?? [...this.#runners.keys()][0] ?? ''
    this.queries.ask(query, peer, { id, peer: this.#runners.get(id)?.peer })
  }

  /** Every connection, for the heartbeat and for shutting down. */
  get connections(): Iterable<Connection> {
    return this.#connections
  }

  async #admitRunner(connection: Connection): Promise<number> {
    const { id } = connection.principal
    const epoch = await this.logs.nextProducerEpoch(id)
    const before = this.#runners.get(id)
    this.#runners.set(id, connection)
    if (before?.clientId === connection.clientId) before?.peer.end()
    else before?.peer.refuse('fenced', 'Another process of this runner has connected. This one must stop.')
    const clientId = connection.clientId ?? ''
    if (this.#runnerProcesses.get(id) !== clientId) this.#forgetLive(id)
    this.#runnerProcesses.set(id, clientId)
    this.#tellRunners()
    return epoch
  }

  #forgetLive(runnerId: string): void {
    const runner: Principal = { kind: 'runner', id: runnerId, name: '' }
    for (const log of this.directory.logsOf(runner)) this.live.forget(log)
  }

  #tellRunners(): void {
    const online = [...this.#runners.keys()]
    for (const connection of this.#connections) connection.peer.send({ t: 'runners', online })
  }
}
