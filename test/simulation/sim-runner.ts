import { makeObservation, newId, sessionStream, type DraftEvent, type RecordedEvent } from '@coppice/events'
import {
  fromServerSchema,
  OLDEST_PROTOCOL_VERSION,
  parseFrame,
  PROTOCOL_VERSION,
  type FromClient,
} from '@coppice/protocol'
import type { Socket } from '@coppice/replica'
import { LOG } from './sim-client.ts'
import type { Scheduler } from './scheduler.ts'

/**
 * A runner as the server sees one: it reads the log, sees things happen, keeps them until they are acknowledged, and
 * offers them again after every cut. What it keeps survives its crash.
 */
export class SimRunner {
  readonly actor: string
  readonly id: string
  /** On its disk: facts that nobody has acknowledged yet. */
  readonly spool: DraftEvent[] = []
  /** Every fact it ever saw. */
  readonly seen = new Set<string>()
  readonly #connect: () => Socket
  readonly #sessions = new Set<string>()
  #socket: Socket | undefined
  #epoch: number | undefined
  #position = 0
  #seq = 0
  #unanswered = 0
  #stopped = false

  constructor(of: { actor: string; id: string; connect: () => Socket }) {
    this.actor = of.actor
    this.id = of.id
    this.#connect = of.connect
  }

  /** A connection, if there is none. A new process reads the log from its beginning. */
  start(fresh: boolean): void {
    if (fresh) this.#position = 0
    this.#stopped = false
    const socket = this.#connect()
    this.#socket = socket
    this.#epoch = undefined
    this.#unanswered = 0
    socket.onopen = () =>
      this.#send({
        t: 'hello',
        version: PROTOCOL_VERSION,
        oldest: OLDEST_PROTOCOL_VERSION,
        role: 'runner',
        clientId: this.actor,
        appVersion: 'simulated',
      })
    socket.onmessage = (event: { data: unknown }) => this.#take(String(event.data))
    socket.onclose = () => {
      if (this.#socket === socket) this.#socket = undefined
    }
  }

  get connected(): boolean {
    return this.#socket !== undefined
  }

  crash(): void {
    this.#socket = undefined
    this.#stopped = true
  }

  /** Something happens in a session. */
  see(scheduler: Scheduler): void {
    const sessions = [...this.#sessions]
    const sessionId = sessions[scheduler.below(sessions.length)]
    if (sessionId === undefined) return
    const event = makeObservation(
      { log: LOG, stream: sessionStream(sessionId) },
      'message.added',
      { messageId: newId(), kind: 'agent', text: `saw ${scheduler.below(1000)}`, completeness: 'whole' },
      { id: newId(), now: 0, actor: { kind: 'agent', id: 'script' }, causationId: 'turn', correlationId: 'turn' },
    )
    this.spool.push(event)
    this.seen.add(event.id)
    this.#offer()
  }

  #offer(): void {
    if (this.#epoch === undefined || this.#unanswered > 0 || this.spool.length === 0) return
    const epoch = this.#epoch
    const events = this.spool.slice(0, 5).map((event) => {
      this.#seq += 1
      return { ...event, producer: { id: this.id, epoch, seq: this.#seq } }
    })
    this.#unanswered = events.length
    this.#send({ t: 'observe', batch: newId(), log: LOG, events })
  }

  #take(text: string): void {
    const frame = parseFrame(fromServerSchema, text)
    if (!frame.ok) throw new Error(`the server said what a runner does not understand: ${frame.problem}`)
    const { message } = frame
    if (message.t === 'welcome') {
      this.#epoch = message.producerEpoch
      const epoch = message.logs.find(({ log }) => log === LOG)?.epoch ?? ''
      this.#send({ t: 'subscribe', log: LOG, epoch: this.#position === 0 ? '' : epoch, position: this.#position })
      this.#offer()
    } else if (message.t === 'events') {
      for (const event of message.events) this.#read(event)
      this.#offer()
    } else if (message.t === 'observed') {
      if (message.refusal === undefined) {
        const rejected = new Set(message.rejected.map(({ id }) => id))
        if (rejected.size > 0) throw new Error(`a fact was rejected: ${JSON.stringify(message.rejected)}`)
        this.spool.splice(0, this.#unanswered)
      }
      this.#unanswered = 0
      if (message.refusal === undefined) return this.#offer()
      // Fenced, perhaps by a late greeting of its own: it greets again.
      this.#socket?.close()
      this.#socket = undefined
    } else if (message.t === 'reset') throw new Error(`a runner was reset: ${message.reason}`)
  }

  #read(event: RecordedEvent): void {
    if (event.position <= this.#position) return
    if (event.position !== this.#position + 1)
      throw new Error(`a runner at ${this.#position} was given ${event.position}: a hole`)
    this.#position = event.position
    if (event.type === 'session.created') this.#sessions.add(event.stream.slice('session/'.length))
  }

  #send(message: FromClient): void {
    if (!this.#stopped) this.#socket?.send(JSON.stringify(message))
  }
}
