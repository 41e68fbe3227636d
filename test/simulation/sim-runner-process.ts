import {
  asSession,
  asWorkspace,
  holderOf,
  isTerminal,
  makeCommand,
  makeObservation,
  newId,
  runnersOf,
  WORKSPACE_STREAM,
  type CommandData,
  type DraftEvent,
  type KnownCommand,
  type KnownObservation,
  type LogId,
  type ObservationData,
  type SessionState,
  type StreamId,
} from '@coppice/events'
import {
  fromServerSchema,
  OLDEST_PROTOCOL_VERSION,
  parseFrame,
  PROTOCOL_VERSION,
  type FromClient,
  type FromServer,
  type Receipt,
  type Welcome,
} from '@coppice/protocol'
import { FollowedLogs } from '../../apps/runner/src/connection/followed-logs.ts'
import { Outgoing } from '../../apps/runner/src/connection/outgoing.ts'
import { Renewal } from '../../apps/runner/src/leases/renewal.ts'
import { StandIn } from '../../apps/runner/src/leases/stand-in.ts'
import { underLease } from '../../apps/runner/src/leases/under-lease.ts'
import { LOG } from './sim-client.ts'
import type { RunnerDisk } from './sim-runner.ts'
import type { Scheduler } from './scheduler.ts'
import type { ClientEnd } from './wires.ts'

const RETRY_MS = 700

interface Push {
  readonly command: ReturnType<typeof makeCommand>
  readonly done: (result: Receipt['result']) => void
}

export interface ProcessOptions {
  readonly id: string
  readonly actor: string
  readonly disk: RunnerDisk
  readonly connect: () => ClientEnd
  readonly saw: (event: DraftEvent) => void
  readonly handedOver: (eventId: string, facts: readonly string[]) => void
}

/**
 * One process of a runner: the real parts that follow logs, renew leases, stand in for others and send what was seen, around
 * agents that only talk. What it does with a session is the short form of the session's reactor.
 */
export class RunnerProcess {
  readonly #of: ProcessOptions
  readonly #clientId = newId()
  readonly #logs: FollowedLogs
  readonly #outgoing: Outgoing
  readonly #renewal: Renewal
  readonly #standIn: StandIn
  /** Streams in which an agent of this process works, and on which turn. */
  readonly working = new Map<StreamId, string>()
  /** Runs that this process has asked for. */
  readonly #runs = new Set<string>()
  readonly #pushes = new Map<string, Push>()
  /** Sessions for which a turn is being asked for, and turns that were told to be over. */
  readonly #asking = new Set<StreamId>()
  readonly #over = new Set<string>()
  readonly #made = new Set<StreamId>()
  #online: ReadonlySet<string> = new Set()
  #socket: ClientEnd | undefined
  #up = false
  #dead = false

  constructor(of: ProcessOptions) {
    this.#of = of
    this.#logs = new FollowedLogs({ event: () => undefined, settled: () => undefined })
    const { disk } = of
    this.#outgoing = new Outgoing({
      spool: {
        get events() {
          return disk.spool
        },
        waiting: (logs) => new Map(logs.has(LOG) && disk.spool.length > 0 ? [[LOG, disk.spool.slice(0, 5)]] : []),
        settle: (ids) => void (disk.spool = disk.spool.filter(({ id }) => !ids.has(id))),
      },
      orphans: { keep: (event) => void disk.orphans.push(event) },
      send: (message) => this.#send(message),
      say: () => undefined,
    })
    this.#renewal = new Renewal(
      (n) => this.#sayThere(n),
      () => this.#letGo(),
      () => performance.now(),
    )
    this.#standIn = new StandIn({
      runnerId: of.id,
      now: () => Date.now(),
      say: () => undefined,
      push: (address, type, data, id, correlationId) => this.#push(address, type, data, id, correlationId),
    })
    this.#open()
  }

  kill(): void {
    this.#dead = true
    this.#renewal.stop()
  }

  see(scheduler: Scheduler): void {
    const streams = [...this.working]
    const [stream, turnId] = streams[scheduler.below(streams.length)] ?? []
    if (stream === undefined || turnId === undefined) return
    if (scheduler.chance(0.3)) return this.#endTurn(stream, turnId, scheduler.chance(0.8) ? 'completed' : 'failed')
    const text = `${this.#of.id} saw ${scheduler.below(1000)}`
    this.#observe(stream, 'message.added', { messageId: newId(), turnId, kind: 'agent', text, completeness: 'whole' })
  }

  #open(): void {
    if (this.#dead) return
    const socket = this.#of.connect()
    this.#socket = socket
    let greetedAt = 0
    socket.onopen = () => {
      if (this.#dead) return
      greetedAt = performance.now()
      const range = { version: PROTOCOL_VERSION, oldest: OLDEST_PROTOCOL_VERSION }
      const hello: FromClient = {
        t: 'hello',
        ...range,
        role: 'runner',
        clientId: this.#clientId,
        appVersion: 'simulated',
      }
      socket.send(JSON.stringify(hello))
    }
    socket.onmessage = (event: { data: unknown }) => {
      if (!this.#dead && this.#socket === socket) this.#take(String(event.data), greetedAt)
    }
    socket.onclose = () => {
      if (this.#dead || this.#socket !== socket) return
      this.#up = false
      this.#outgoing.connected(undefined)
      setTimeout(() => this.#open(), RETRY_MS)
    }
  }

  #take(text: string, greetedAt: number): void {
    const frame = parseFrame(fromServerSchema, text)
    if (!frame.ok) throw new Error(`the server said what a runner does not understand: ${frame.problem}`)
    const { message } = frame
    if (message.t === 'welcome') this.#welcome(message, greetedAt)
    else if (message.t === 'error' && message.code === 'fenced') throw new Error(`${this.#of.id}: ${message.message}`)
    else this.#told(message)
    this.#act()
  }

  #welcome({ logs, producerEpoch = 0, lease, runnersOnline }: Welcome, greetedAt: number): void {
    this.#up = true
    this.#online = new Set(runnersOnline)
    this.#renewal.greeted(greetedAt, lease)
    this.#outgoing.connected({ id: this.#of.id, epoch: producerEpoch })
    for (const one of this.#logs.subscriptions(logs)) this.#send({ t: 'subscribe', ...one })
    for (const { command } of this.#pushes.values()) this.#send({ t: 'push', commands: [command] })
  }

  #told(message: FromServer): void {
    switch (message.t) {
      case 'events':
        if (!this.#logs.apply(message)) this.#send({ t: 'subscribe', log: message.log, epoch: '', position: 0 })
        return
      case 'reset':
        this.#logs.reset(message.log as LogId, message.head)
        this.#forget()
        return this.#send({ t: 'subscribe', log: message.log, epoch: '', position: 0 })
      case 'receipt': {
        const push = this.#pushes.get(message.commandId)
        this.#pushes.delete(message.commandId)
        return push?.done(message.result)
      }
      case 'observed':
        // Who speaks for this runner is settled by greeting again.
        if (this.#outgoing.answered(message) === 'fenced') this.#again()
        return
      case 'pong':
        return this.#renewal.answered(message.n)
      case 'runners':
        this.#online = new Set(message.online)
        return
      default:
        return
    }
  }

  /** The log is another one than before: what was done for that one is no answer to this one. */
  #forget(): void {
    for (const known of [this.working, this.#runs, this.#asking, this.#over, this.#made]) known.clear()
  }

  #again(): void {
    this.#socket?.close()
    this.#up = false
    this.#outgoing.connected(undefined)
    this.#open()
  }

  #sayThere(n: number): void {
    if (this.#dead || !this.#up) return
    this.#send({ t: 'ping', n })
    this.#standIn.ask(this.#logs, this.#online)
  }

  /** Cut off for so long that another runner may begin. */
  #letGo(): void {
    if (this.#dead || this.#runners().length < 2) return
    for (const [stream, turnId] of this.working) this.#endTurn(stream, turnId, 'aborted_by_restart')
  }

  #runners(): readonly string[] {
    const workspace = this.#logs.state(LOG, WORKSPACE_STREAM)
    return workspace ? runnersOf(asWorkspace(workspace)) : []
  }

  /** Compares what the log wants of this runner with what it does. */
  #act(): void {
    if (this.#dead) return
    if (this.#up) this.#outgoing.drain(this.#logs.logs)
    const [own] = this.#runners()
    if (own === undefined || !this.#logs.caughtUp(LOG) || !this.#outgoing.isComplete(LOG)) return
    for (const [stream, state] of this.#logs.streams(LOG)) {
      if (!stream.startsWith('session/')) continue
      const session = asSession(state)
      if (holderOf(session, own) === this.#of.id) this.#serve(stream, session)
      else this.working.delete(stream)
    }
    this.#handOver()
  }

  #serve(stream: StreamId, session: SessionState): void {
    if (!session.exists || isTerminal(session)) return
    if (session.worktree === 'preparing' && !this.#made.has(stream)) {
      this.#made.add(stream)
      this.#observe(stream, 'worktree.ready', { branch: 'b', baseCommit: 'c', path: '/w', durationMs: 1 })
    }
    const { turn, queue } = session
    if (turn) {
      if (this.#over.has(turn.turnId)) this.working.delete(stream)
      else if (this.#runs.has(turn.runId)) this.working.set(stream, turn.turnId)
      // Another process began it, and its agent is gone.
      else this.#endTurn(stream, turn.turnId, 'aborted_by_restart')
      return
    }
    this.working.delete(stream)
    const [first] = queue
    if (!first || session.held !== 'none' || session.worktree !== 'ready' || this.#asking.has(stream)) return
    this.#asking.add(stream)
    const runId = newId()
    this.#runs.add(runId)
    const data = { turnId: newId(), runId, messageId: first.messageId }
    void this.#push({ log: LOG, stream }, 'turn.start', data, newId(), runId).then(() => this.#asking.delete(stream))
  }

  #endTurn(stream: StreamId, turnId: string, outcome: 'completed' | 'failed' | 'aborted_by_restart'): void {
    this.working.delete(stream)
    this.#over.add(turnId)
    const message = outcome === 'completed' ? {} : { message: 'It ended.' }
    this.#observe(stream, 'turn.ended', { turnId, messageIds: [], outcome, durationMs: 1, ...message })
  }

  /** Facts of sessions that another runner had by then go beside the session, in one piece for each change of hands. */
  #handOver(): void {
    const { disk } = this.#of
    const [first] = disk.orphans
    if (!first || disk.spool.some(({ stream }) => stream === first.stream)) return
    const isSame = (event: DraftEvent): boolean =>
      event.stream === first.stream && event.producer?.lease === first.producer?.lease
    const facts = disk.orphans.filter(isSame)
    disk.orphans = disk.orphans.filter((event) => !isSame(event))
    const record = { sha256: '0'.repeat(64), size: 1 }
    const data = { orphanId: newId(), runnerId: this.#of.id, epoch: first.producer?.lease ?? 0, text: '', record }
    const told = this.#observe(first.stream, 'run.orphaned', { ...data, events: facts.length })
    const ids = facts.map(({ id }) => id)
    this.#of.handedOver(told.id, ids)
  }

  #observe<T extends KnownObservation['type']>(stream: StreamId, type: T, data: ObservationData<T>): DraftEvent {
    const stamp = { id: newId(), now: Date.now(), actor: { kind: 'runner' as const, id: this.#of.id } }
    const seen = makeObservation({ log: LOG, stream }, type, data, {
      ...stamp,
      causationId: 'seen',
      correlationId: 'seen',
    })
    const event = underLease(seen, this.#logs.state(LOG, stream), this.#of.id)
    this.#of.disk.spool.push(event)
    if (type !== 'run.orphaned') this.#of.saw(event)
    if (this.#up) this.#outgoing.drain(this.#logs.logs)
    return event
  }

  #push<T extends KnownCommand['type']>(
    address: { log: LogId; stream: StreamId },
    type: T,
    data: CommandData<T>,
    id: string,
    correlationId: string,
  ): Promise<Receipt['result']> {
    const command = makeCommand(address, type, data, { id, now: Date.now(), correlationId })
    return new Promise((done) => {
      this.#pushes.set(id, { command, done })
      if (this.#up) this.#send({ t: 'push', commands: [command] })
    })
  }

  #send(message: FromClient): void {
    if (!this.#dead) this.#socket?.send(JSON.stringify(message))
  }
}
