import { hashText, PROJECTION_VERSION, refuse, type LogId, type Refusal, type StreamId } from '@coppice/events'
import {
  fromClientSchema,
  OLDEST_PROTOCOL_VERSION,
  parseFrame,
  PROTOCOL_VERSION,
  type FromClient,
  type Hello,
  type Reset,
} from '@coppice/protocol'
import type { WebSocket } from 'ws'
import { LIMITS } from '../limits.ts'
import type { LogWriter } from '../log/log-writer.ts'
import type { Principal } from '../principal.ts'
import { troubleOf } from '../store/trouble.ts'
import type { Place } from '../live/presence.ts'
import { CommandIntake } from './command-intake.ts'
import type { Peer } from './peer.ts'
import { prove } from './prove.ts'
import { readObservations } from './read-observations.ts'
import { Rates } from './rates.ts'
import { ShapedSubscription } from './shaped-subscription.ts'
import { Subscription } from './subscription.ts'
import type { SyncRoom } from './sync-room.ts'

/** What counts only after hello. */
type AfterHello = Exclude<FromClient, { t: 'hello' | 'ping' }>
type Message<T extends FromClient['t']> = Extract<FromClient, { t: T }>

/** One WebSocket of a signed-in person, program or runner: takes its messages in order, checks each, answers. */
export class Connection {
  readonly peer: Peer
  readonly principal: Principal
  readonly #room: SyncRoom
  readonly #intake: CommandIntake
  readonly #subscriptions = new Map<LogId, Subscription | ShapedSubscription>()
  /** Subscriptions that are being begun: what refers to one waits for it. */
  readonly #following = new Map<LogId, Promise<void>>()
  #proving: Promise<unknown> = Promise.resolve()
  readonly #rates = new Rates()
  #hello: Hello | undefined
  #early: AfterHello[] | undefined = []

  constructor(socket: WebSocket, peer: Peer, principal: Principal, room: SyncRoom) {
    this.peer = peer
    this.principal = principal
    this.#room = room
    this.#intake = new CommandIntake({ socket, peer, principal, room, failed: (error) => this.#fail(error) })
    const late = setTimeout(() => {
      if (!this.#hello) this.peer.refuse('malformed', 'No hello came. Say hello first, within ten seconds.')
    }, LIMITS.helloMs)
    late.unref()
    socket.on('message', (data, isBinary) => {
      try {
        if ((data as Buffer).length > LIMITS.frameBytes) this.peer.refuse('too_large', TOO_LARGE)
        else this.#receive(isBinary ? '' : String(data))
      } catch (error) {
        // One connection's trouble: thrown on, it would end the process and everybody's connections.
        this.#fail(error)
      }
    })
    socket.once('close', () => {
      clearTimeout(late)
      this.#end()
    })
  }

  /** The replica or runner process at the far end, once it has said hello. */
  get clientId(): string | undefined {
    return this.#hello?.clientId
  }

  /** How many logs are followed by it. */
  get following(): number {
    return this.#subscriptions.size
  }

  get isRunner(): boolean {
    return this.principal.kind === 'runner'
  }

  /** Ends subscriptions and looking at what may no longer be read, and tells what may. */
  accessChanged(): void {
    if (this.#early !== undefined) return
    for (const [log, subscription] of this.#subscriptions) {
      if (this.#room.directory.mayRead(this.principal, log)) continue
      this.#room.followers.remove(subscription)
      this.#subscriptions.delete(log)
    }
    const places = this.#room.presence.placesOf(this)
    this.#lookAt(places.filter(({ log }) => this.#room.directory.mayRead(this.principal, log)))
    this.#room
      .accessOf(this.principal)
      .then((logs) => this.peer.send({ t: 'access', logs }))
      .catch((error: unknown) => this.#fail(error))
  }

  #receive(text: string): void {
    const parsed = parseFrame(fromClientSchema, text)
    if (!parsed.ok)
      return this.peer.refuse('malformed', `This message was not understood and nothing was done: ${parsed.problem}`)
    const { message } = parsed
    this.#room.metrics.received(message.t)
    if (this.isRunner) this.#room.silentRunners.heard(this.principal.id)
    const excess = this.#rates.excess(message)
    if (excess !== undefined) return this.#overRate(message, excess)
    if (message.t === 'ping') return this.#pong(message.n)
    if (message.t === 'hello') return this.#greet(message)
    if (this.#early !== undefined) {
      if (!this.#hello) return this.peer.refuse('malformed', 'Say hello first.')
      this.#early.push(message)
      return
    }
    this.#handle(message)
  }

  /** What must not be lost is offered again over the next connection. */
  #overRate(message: FromClient, excess: string): void {
    if (message.t === 'push' || message.t === 'observe')
      return this.peer.refuse('rate_limited', `${excess} What was not acknowledged is offered again.`)
    const text = `${excess} This one was left out.`
    if (message.t === 'query')
      this.peer.send({
        t: 'queryResult',
        id: message.id,
        answer: { ok: false, code: 'rate_limited', message: text },
      })
    else if (message.t === 'prove') this.peer.send({ t: 'proof', id: message.id, problem: text })
    else this.peer.send({ t: 'error', code: 'rate_limited', message: text, fatal: false })
  }

  #pong(n: number): void {
    if (this.isRunner) this.#room.silentRunners.renews(this.principal.id)
    this.peer.send({ t: 'pong', n })
  }

  #greet(hello: Hello): void {
    if (this.#hello) return this.peer.refuse('malformed', 'Hello was said already.')
    if (hello.oldest > PROTOCOL_VERSION || hello.version < OLDEST_PROTOCOL_VERSION) {
      const who = hello.oldest > PROTOCOL_VERSION ? 'this server' : 'the app: load the page again'
      return this.peer.refuse(
        'version',
        `The app speaks versions ${hello.oldest} to ${hello.version}, this server ${OLDEST_PROTOCOL_VERSION} to ${PROTOCOL_VERSION}. Update ${who}. What waits in the outbox is kept.`,
      )
    }
    if ((hello.role === 'runner') !== this.isRunner)
      return this.peer.refuse(
        'forbidden',
        `This sign-in is for a ${this.isRunner ? 'runner' : 'client'}, not for a ${hello.role}.`,
      )
    this.#hello = hello
    this.#welcome(Math.min(hello.version, PROTOCOL_VERSION)).catch((error: unknown) => this.#fail(error))
  }

  async #welcome(version: number): Promise<void> {
    this.peer.version = version
    this.peer.send(await this.#room.welcome(this, version))
    const early = this.#early ?? []
    this.#early = undefined
    for (const message of early) this.#handle(message)
  }

  #handle(message: AfterHello): void {
    switch (message.t) {
      case 'push':
        return this.#intake.push(message.commands)
      case 'observe':
        return this.#observe(message)
      case 'subscribe':
        return this.#subscribe(message)
      case 'unsubscribe':
        return this.#unsubscribe(message.log as LogId)
      case 'join':
        return this.#join(message)
      case 'prove':
        return this.#prove(message)
      case 'headSeen':
        if (this.#mayRead(message.head.log)) this.#room.headSeen(message.head, this)
        return
      case 'live':
        if (this.#ownsAsRunner(message.log)) this.#room.relay(message)
        return
      case 'activity':
        if (this.#ownsAsRunner(message.log)) this.#room.activity(message)
        return
      case 'figures':
        if (this.isRunner) this.#room.reports.take(this.principal.id, message.figures)
        return
      case 'liveState':
        if (this.#mayRead(message.log)) this.#room.live.resend(this.peer, message.log, message.session)
        return
      case 'watch':
        return this.#watch(message)
      case 'query':
        return this.#room.questions.ask(message, this.principal, this.peer)
      case 'queryResult':
        if (this.isRunner) this.#room.questions.answered(message, this.principal.id)
    }
  }

  #observe({ batch, log, events }: Message<'observe'>): void {
    const answer = (outcome: {
      refusal?: Refusal | undefined
      rejected: readonly { id: string; refusal: Refusal }[]
    }): void =>
      this.peer.send({
        t: 'observed',
        batch,
        rejected: [...outcome.rejected],
        ...(outcome.refusal && { refusal: outcome.refusal }),
      })
    if (!this.isRunner || !this.#mayRead(log))
      return answer({ refusal: refuse('forbidden', `This connection may not observe in log ${log}.`), rejected: [] })
    const { accepted, rejected } = readObservations(events, log)
    this.#room.logs
      .open(log as LogId)
      .then((writer) => writer.observe(accepted, this.principal, rejected))
      .then((outcome) => {
        for (const { id, type, stream, correlationId, causationId } of accepted)
          this.#room.journal('info', { what: 'observed', correlationId, causationId, eventId: id, type, log, stream })
        return answer(outcome)
      })
      .catch((error: unknown) => this.#fail(error))
  }

  #subscribe(message: Message<'subscribe'>): void {
    const log = message.log as LogId
    if (!this.#mayRead(log)) return this.#complain(`You may not read log ${log}, or there is none.`)
    if (this.#subscriptions.size >= LIMITS.subscriptions && !this.#subscriptions.has(log))
      return this.#complain(
        `A connection may follow at most ${LIMITS.subscriptions} logs. Unsubscribe from some first.`,
      )
    const following = this.#follow(log, message).catch((error: unknown) => this.#fail(error))
    this.#following.set(log, following)
  }

  async #follow(log: LogId, message: Message<'subscribe'>): Promise<void> {
    const { epoch, position, shape, refresh } = message
    const writer = await this.#room.logs.open(log)
    // Another server may have told this peer more than we know.
    await writer.reach(position)
    const problem = misfit(writer, epoch, position) ?? (await this.#otherHistory(writer, message))
    this.#unsubscribe(log)
    if (!this.peer.open) return
    if (problem !== undefined) {
      this.peer.send({ t: 'reset', log, epoch: writer.epoch, head: writer.head, ...problem })
      return
    }
    const of = {
      log: writer,
      peer: this.peer,
      store: this.#room.store,
      position,
      failed: (error: unknown) => this.#fail(error),
    }
    const snapshot = wantsSnapshot(writer, message)
    const subscription =
      shape === undefined
        ? new Subscription(of)
        : new ShapedSubscription({
            ...of,
            derived: this.#room.logs.derived(log),
            key: this.#room.key,
            shape,
            snapshot,
            refresh: refresh === true,
          })
    this.#subscriptions.set(log, subscription)
    this.#room.followers.add(subscription)
    for (const one of [...this.#room.presence.inLog(log), ...this.#room.activities.inLog(log)]) this.peer.send(one)
  }

  /** The tree as the subscriber knows it must be the beginning of ours. */
  async #otherHistory(
    { log, head }: LogWriter,
    { tree }: Message<'subscribe'>,
  ): Promise<Pick<Reset, 'cause' | 'reason'> | undefined> {
    if (tree === undefined || tree.size > head) return undefined
    const root = hashText(await this.#room.logs.derived(log).tree.rootAt(tree.size))
    if (root === tree.root) return undefined
    const reason = `The first ${tree.size} events of log ${log} are not those that you were sent before.`
    return { cause: 'history', reason }
  }

  #join({ log, stream, n, tail = false }: Message<'join'>): void {
    const join = (): void => {
      const subscription = this.#subscriptions.get(log as LogId)
      if (subscription instanceof ShapedSubscription && stream.startsWith('session/'))
        subscription.join({ stream: stream as StreamId, n, tail })
      else
        this.#complain(`Only a session of a log that you follow in parts can be joined; ${stream} of ${log} is none.`)
    }
    void (this.#following.get(log as LogId) ?? Promise.resolve()).then(join)
  }

  /** One after the other: a proof is work, and asking for a thousand must not keep others waiting. */
  #prove(message: Message<'prove'>): void {
    const log = message.log as LogId
    if (!this.#mayRead(log)) return this.#complain(`You may not read log ${log}, or there is none.`)
    this.#proving = this.#proving.then(() => this.#sendProof(log, message)).catch((error: unknown) => this.#fail(error))
  }

  async #sendProof(log: LogId, message: Message<'prove'>): Promise<void> {
    if (!this.peer.open) return
    const writer = await this.#room.logs.open(log)
    this.peer.send(await prove(message, writer, this.#room.logs.derived(log).tree))
  }

  #unsubscribe(log: LogId): void {
    const subscription = this.#subscriptions.get(log)
    if (subscription) this.#room.followers.remove(subscription)
    this.#subscriptions.delete(log)
  }

  #watch({ sessions }: Message<'watch'>): void {
    const places = sessions
      .filter(({ log }) => this.#mayRead(log))
      .map(({ log, session }) => ({ log: log as LogId, session }))
    this.#lookAt(places)
  }

  #lookAt(places: readonly Place[]): void {
    const before = this.#room.presence.placesOf(this)
    const among = (place: Place, others: readonly Place[]): boolean =>
      others.some((other) => other.log === place.log && other.session === place.session)
    for (const { log, session } of before.filter((place) => !among(place, places)))
      this.#room.live.unwatch(this.peer, log, session)
    for (const { log, session } of places.filter((place) => !among(place, before)))
      this.#room.live.watch(this.peer, log, session)
    if (this.principal.kind === 'user')
      this.#room.presence.move(this, { userId: this.principal.id, name: this.principal.name }, places)
  }

  #mayRead(log: string): boolean {
    return this.#room.directory.mayRead(this.principal, log as LogId)
  }

  #ownsAsRunner(log: string): boolean {
    return this.isRunner && log.startsWith('workspace:') && this.#mayRead(log)
  }

  #complain(message: string): void {
    this.peer.send({ t: 'error', code: 'forbidden', message, fatal: false })
  }

  /** The store failed. Nothing unanswered has happened, or it is recognised when it comes again. */
  #fail(error: unknown): void {
    if (!this.peer.open) return
    this.#room.report(error)
    this.peer.refuse(
      'internal',
      `${troubleOf(error) ?? 'The server could not store or read something.'} What was not acknowledged is offered again by itself.`,
    )
  }

  #end(): void {
    for (const log of this.#subscriptions.keys()) this.#unsubscribe(log)
    this.#lookAt([])
    this.#room.questions.askerGone(this.peer)
    this.#room.left(this)
  }
}

const TOO_LARGE = `A frame has at most ${LIMITS.frameBytes / 1024 ** 2} MiB (frameBytes). Nothing of it was done.`

/** Why a cursor does not fit a log; undefined if it does. */
function misfit(
  { log, epoch, head }: LogWriter,
  known: string,
  position: number,
): Pick<Reset, 'cause' | 'reason'> | undefined {
  if (known !== '' && known !== epoch)
    return { cause: 'epoch', reason: 'The log was begun anew since you last read it (another epoch).' }
  if (position > head) {
    const reason = `Position ${position} is past the head ${head} of log ${log}: the server was set back to an older state.`
    return { cause: 'ahead', reason }
  }
  if (known === '' && position > 0)
    return { cause: 'cursor', reason: `Position ${position} comes without the epoch it belongs to.` }
  return undefined
}

/** Whether a replica begins with a snapshot: it takes one that this code can make, and its history would be a long one. */
function wantsSnapshot({ log, head }: LogWriter, { shape, snapshot, position }: Message<'subscribe'>): boolean {
  if (shape === undefined || snapshot !== PROJECTION_VERSION || !log.startsWith('workspace:')) return false
  if (position === 0) return head >= LIMITS.snapshotFromEvents
  return shape.bodies === 'none' && head - position > LIMITS.snapshotBehindEvents
}
