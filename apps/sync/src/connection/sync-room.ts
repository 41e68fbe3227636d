import {
  asSession,
  holderOf,
  idIn,
  PROJECTION_VERSION,
  type LogId,
  type SignedHead,
  type StreamId,
} from '@coppice/events'
import type { ActivityMessage, Journal, Live, LogAccess, Welcome } from '@coppice/protocol'
import type { SigningKey } from '../proof/signing-key.ts'
import type { Directory } from '../access/directory.ts'
import type { Bus } from '../bus/bus.ts'
import { OtherServers } from '../cluster/other-servers.ts'
import type { RunnerHere, ServerMessage } from '../cluster/server-message.ts'
import { LIMITS } from '../limits.ts'
import { Activities } from '../live/activities.ts'
import { LiveChannel } from '../live/live-channel.ts'
import { Presence } from '../live/presence.ts'
import type { Commit } from '../log/log-writer.ts'
import type { Logs } from '../log/logs.ts'
import type { ConnectionFigures, Metrics } from '../metrics/metrics.ts'
import type { Principal } from '../principal.ts'
import { RunnerQuestions } from '../queries/runner-questions.ts'
import type { RunningStore } from '../store/running-store.ts'
import type { Connection } from './connection.ts'
import { Followers } from './followers.ts'
import { RunnerReports } from './runner-reports.ts'
import { RunnersHere } from './runners-here.ts'
import { SilentRunners } from './silent-runners.ts'

/** What other servers say that is not for the room itself. */
export interface ToldByServers {
  /** A token or session ended at another server. */
  credentialsEnded(): void
  /** Byte streams and shared documents have grown through another server. */
  grew(of: { readonly streams: readonly string[]; readonly rooms: readonly string[] }): void
}

/** All connections of this server and what they share. */
export class SyncRoom {
  readonly directory: Directory
  readonly store: RunningStore
  readonly followers = new Followers()
  readonly live = new LiveChannel((log, session) => this.#others?.tell({ m: 'liveWanted', log, session }))
  readonly questions: RunnerQuestions
  readonly presence: Presence<Connection>
  readonly report: (error: unknown) => void
  readonly key: SigningKey
  /** Whether a workspace has a blob. It is kept for its grace from now on, so that an event may name it. */
  readonly hasBlob: (workspaceId: string, sha256: string) => Promise<boolean>
  readonly reports = new RunnerReports()
  readonly activities = new Activities()
  readonly silentRunners = new SilentRunners(() => performance.now())
  readonly metrics: Metrics
  readonly journal: Journal
  readonly #connections = new Set<Connection>()
  readonly #runners = new RunnersHere()
  readonly #serverVersion: string
  #logs: Logs | undefined
  /** Undefined where no other server can share the store. */
  #others: OtherServers | undefined
  #toldBy: ToldByServers = { credentialsEnded: () => undefined, grew: () => undefined }

  constructor(options: {
    directory: Directory
    store: RunningStore
    serverVersion: string
    key: SigningKey
    hasBlob: (workspaceId: string, sha256: string) => Promise<boolean>
    metrics: Metrics
    journal?: Journal | undefined
    report: (error: unknown) => void
  }) {
    this.directory = options.directory
    this.store = options.store
    this.#serverVersion = options.serverVersion
    this.report = options.report
    this.key = options.key
    this.hasBlob = options.hasBlob
    this.metrics = options.metrics
    this.journal = options.journal ?? (() => undefined)
    this.metrics.connectionsFrom(() => this.#figures())
    this.questions = new RunnerQuestions({
      directory: options.directory,
      holderOf: (log, stream) => this.holderOf(log, stream),
      online: () => this.runnersOnline(),
      here: (runnerId) => this.#runners.of(runnerId)?.peer,
      others: () => this.#others,
      report: options.report,
    })
    this.presence = new Presence(
      (message) => {
        for (const connection of this.#connections) {
          if (this.directory.mayRead(connection.principal, message.log)) connection.peer.send(message)
        }
      },
      (place) => this.#others?.tell({ m: 'people', place }),
    )
  }

  get logs(): Logs {
    if (this.#logs === undefined) throw new Error('the sync room was used before its logs were attached')
    return this.#logs
  }

  /** The logs tell the room of commits and the room gives commands to the logs: one of the two comes second. */
  attach(logs: Logs): void {
    this.#logs = logs
  }

  /** Meets the servers that share the store. */
  meet(bus: Bus, toldBy: ToldByServers): OtherServers {
    this.#toldBy = toldBy
    this.#others = new OtherServers(bus, {
      runners: () => this.#runners.list(),
      people: () => this.presence.here(),
      told: (message) => this.#told(message),
      runnersChanged: (before, now) => this.#runnersElsewhere(before, now),
      peopleAt: (server, people) =>
        this.presence.allElsewhere(
          server,
          people.map((place) => ({ ...place, log: place.log as LogId })),
        ),
      report: this.report,
    })
    return this.#others
  }

  /** Tells a commit to those who follow, and a change of membership to those it concerns. */
  committed(commit: Commit, by: 'us' | 'another'): void {
    let membershipChanged = false
    for (const event of commit.events) membershipChanged = this.directory.apply(event) || membershipChanged
    this.followers.tell(commit)
    this.metrics.committed(commit.log, commit.events.length)
    if (membershipChanged) this.#accessChanged()
    if (by === 'us') this.#others?.tellWrote(commit.log, commit.to)
  }

  #figures(): ConnectionFigures {
    const all = [...this.#connections]
    const runners = all.filter(({ isRunner }) => isRunner).length
    return {
      clients: all.length - runners,
      runners,
      subscriptions: all.reduce((sum, { following }) => sum + following, 0),
      mostBuffered: all.reduce((most, { peer }) => Math.max(most, peer.buffered), 0),
    }
  }

  /** Reads all that other servers have written up to now. */
  async readOn(): Promise<void> {
    const heads = await this.store.heads()
    await Promise.all(heads.map(({ id, head }) => this.#reach(id as LogId, head)))
  }

  async #reach(log: LogId, position: number): Promise<void> {
    const isNew = await this.logs.reach(log, position)
    if (isNew) this.#accessChanged()
  }

  #accessChanged(): void {
    for (const connection of this.#connections) connection.accessChanged()
  }

  /** Tells a head that was just signed to those who follow its log. */
  signed(head: SignedHead): void {
    for (const peer of this.followers.peersOf(head.log as LogId)) peer.send({ t: 'head', head })
  }

  /** Passes on the newest head that a client has seen: the others compare it with what they were shown. */
  headSeen(head: SignedHead, from: Connection): void {
    this.#passOn(head, from)
    this.#others?.tell({ m: 'headSeen', head })
  }

  #passOn(head: SignedHead, from?: Connection): void {
    for (const peer of this.followers.peersOf(head.log as LogId))
      if (peer !== from?.peer) peer.send({ t: 'headSeen', head })
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
    if (!connection.isRunner || !this.#runners.left(connection)) return
    this.questions.runnerGone(connection.principal.id)
    this.#runnersChanged()
  }

  /** Answers hello. A runner's begins a new epoch: what its earlier connection still sends is refused from here on. */
  async welcome(connection: Connection, version: number): Promise<Welcome> {
    const { principal } = connection
    // Whoever comes from another server must find here all that they saw there.
    if (this.store.shared) await this.readOn()
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
      ...(producerEpoch !== undefined && {
        producerEpoch,
        lease: { renewMs: LIMITS.leaseRenewMs, letGoMs: LIMITS.leaseLetGoMs },
      }),
      runnersOnline: this.runnersOnline(),
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

  /** How long the runner that has a session may still come back before another one may take it, milliseconds. */
  leaseLeft(runnerId: string): number {
    // Where it is connected elsewhere that server hears of it, and ends it when it is silent.
    if (this.#others?.serverOf(runnerId) !== undefined) this.silentRunners.heard(runnerId)
    return this.silentRunners.left(runnerId)
  }

  /** A runner whose lease has run out is gone, though its socket may not know it yet. */
  endSilentRunners(): void {
    for (const { isRunner, principal, peer } of this.#connections)
      if (isRunner && this.silentRunners.isGone(principal.id)) peer.end()
  }

  /** The runner that has a session now. */
  async holderOf(log: LogId, stream: StreamId): Promise<string | undefined> {
    const own = this.directory.workspace(idIn(log))?.runnerId
    const held = await (await this.logs.open(log)).stateOf(stream)
    return own === undefined || held === undefined ? own : holderOf(asSession(held.state), own)
  }

  /** The runner's socket, where it is connected to this server. */
  runnerHere(runnerId: string): Connection | undefined {
    return this.#runners.of(runnerId)
  }

  /** What a runner tells as it happens: to those who look, here and through other servers. */
  relay({ log, session, items }: Pick<Live, 'log' | 'session' | 'items'>): void {
    this.live.relay({ log, session, items })
    this.#others?.tell({ m: 'live', log, session, items, whole: false })
  }

  /** What an agent is at: to all people who may see its session, here and through other servers. */
  activity(message: ActivityMessage): void {
    this.#showActivity(message)
    this.#others?.tell({ m: 'activity', activity: message })
  }

  #showActivity(message: ActivityMessage): void {
    this.activities.take(message)
    for (const connection of this.#connections)
      if (!connection.isRunner && this.directory.mayRead(connection.principal, message.log as LogId))
        connection.peer.send(message)
  }

  #told(message: Exclude<ServerMessage, { m: 'here' | 'gone' | 'runners' }>): void {
    switch (message.m) {
      case 'wrote':
        for (const [log, to] of message.heads) this.#reach(log as LogId, to).catch(this.report)
        return
      case 'headSeen':
        return this.#passOn(message.head)
      case 'people':
        return this.presence.elsewhere(message.from, { ...message.place, log: message.place.log as LogId })
      case 'live':
        if (message.whole) this.live.replace(message.log, message.session, message.items)
        else this.live.relay(message)
        return
      case 'activity':
        return this.#showActivity(message.activity)
      case 'liveWanted': {
        const runnerId = this.directory.workspace(message.log.slice('workspace:'.length))?.runnerId ?? ''
        const { log, session } = message
        const items = this.#runners.of(runnerId) && this.live.known(log, session)
        if (items) this.#others?.tell({ m: 'live', log, session, items, whole: true })
        return
      }
      case 'query': {
        const { from, runnerId, query } = message
        return this.questions.askFor(from, runnerId, query)
      }
      case 'answer':
        return this.questions.answered(message.result, message.runnerId)
      case 'credentialsEnded':
        return this.#toldBy.credentialsEnded()
      case 'grew':
        this.#toldBy.grew(message)
    }
  }

  /** Every connection, for the heartbeat and for shutting down. */
  get connections(): Iterable<Connection> {
    return this.#connections
  }

  async #admitRunner(connection: Connection): Promise<number> {
    const { id } = connection.principal
    const epoch = await this.logs.nextProducerEpoch(id)
    // It may have gone meanwhile: taken in, it would be online for ever, and send its successor away.
    if (!connection.peer.open) return epoch
    this.silentRunners.greeted(id, epoch)
    this.#runners.admit(connection, epoch)
    if (this.#runners.speaks(id, connection.clientId ?? '')) this.#forgetLive(id)
    this.#runnersChanged()
    return epoch
  }

  #runnersElsewhere(before: readonly RunnerHere[], now: readonly RunnerHere[]): void {
    // Who has just gone there was there until now.
    for (const { id } of before) this.silentRunners.heard(id)
    for (const runner of now) {
      this.silentRunners.greeted(runner.id, runner.epoch)
      this.#runners.movedAway(runner)
      if (this.#runners.speaks(runner.id, runner.process)) this.#forgetLive(runner.id)
    }
    for (const { id } of before) if (!this.questions.reaches(id)) this.questions.runnerGone(id)
    this.#tellRunners()
  }

  #runnersChanged(): void {
    this.#others?.tell({ m: 'runners', runners: this.#runners.list() })
    this.#tellRunners()
  }

  /** Runners that are connected, here or to another server. */
  runnersOnline(): string[] {
    return [...new Set([...this.#runners.ids(), ...(this.#others?.runnerIds ?? [])])]
  }

  #forgetLive(runnerId: string): void {
    const runner: Principal = { kind: 'runner', id: runnerId, name: '' }
    for (const log of this.directory.logsOf(runner)) {
      this.live.forget(log)
      this.activities.forget(log)
    }
  }

  #tellRunners(): void {
    const online = this.runnersOnline()
    for (const connection of this.#connections) connection.peer.send({ t: 'runners', online })
  }
}
